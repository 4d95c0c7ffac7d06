/** A literal transition table: for each state, the states it may become. */
export type Transitions<State extends string> = Readonly<Record<State, readonly State[]>>;

/**
 * Checks a table when its file is loaded, which is at boot: every state can be reached from the initial one.
 * @throws Error naming the states that nothing leads to
 */
export function defineTransitions<State extends string>(
  initial: State,
  table: Transitions<State>,
): Transitions<State> {
  const reached = new Set<State>([initial]);
  for (const state of reached) for (const next of table[state]) reached.add(next);
  const unreachable = (Object.keys(table) as State[]).filter((state) => !reached.has(state));
  if (unreachable.length > 0) throw new Error(`No transition leads to: ${unreachable.join(', ')}`);
  return table;
}

/** The states from which `to` may be entered: what a `where` of a change asks for. */
export function statesBefore<State extends string>(table: Transitions<State>, to: State): State[] {
  return (Object.keys(table) as State[]).filter((state) => table[state].includes(to));
}

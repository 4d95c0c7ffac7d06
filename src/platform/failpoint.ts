let armed: string | null = null;

/** Names the place where this process will die; `FAILPOINT` in the environment, refused in production. */
export function armFailpoint(name: string | null): void {
  armed = name;
}

/** A step between which and the next one the process may be killed: tests kill it exactly there (SIGKILL). */
export function failpoint(name: string): void {
  if (name === armed) process.kill(process.pid, 'SIGKILL');
}

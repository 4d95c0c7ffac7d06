import {
  type Connection,
  type Database,
  statement,
  type Statement,
} from '../../src/platform/database/database.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: PlanNode[];
}

/** Each node of a plan that reads a table: `Seq Scan users`, `Index Scan walks walks_pkey`. */
export interface Plan {
  statement: string;
  scans: string[];
}

/**
 * How the database would run the statements that a query function asks for, both with these values in view and
 * as the prepared statement for any values (which it turns to after some runs).
 */
export async function plansOf(db: Database, ask: (db: Connection) => Promise<unknown>): Promise<Plan[]> {
  const asked: { query: Statement<unknown>; values: readonly unknown[] }[] = [];
  await ask({
    prisma: db.prisma,
    rows: <Row>(query: Statement<Row>, values: readonly unknown[]) => {
      asked.push({ query, values });
      return db.rows(query, values);
    },
  });
  const plans: Plan[] = [];
  for (const { query, values } of asked) plans.push(...(await plansOfStatement(db, query, values)));
  return plans;
}

/** The same of one statement, whoever wrote it. */
export async function plansOfStatement(
  db: Database,
  query: Statement<unknown>,
  values: readonly unknown[],
): Promise<Plan[]> {
  const plans: Plan[] = [];
  await db.transaction(async (tx) => {
    const explained = async (text: string, given: readonly unknown[]) => {
      const [row] = await tx.rows(
        statement<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>('', `explain (format json) ${text}`),
        given,
      );
      plans.push({ statement: query.name, scans: scansOf(row!['QUERY PLAN'][0].Plan) });
    };
    await explained(query.text, values);
    await tx.rows(statement('', `set local plan_cache_mode = force_generic_plan`), []);
    await tx.rows(statement('', `prepare planned as ${query.text}`), []);
    await explained(`execute planned (${values.map(literal).join(', ')})`, []);
    await tx.rows(statement('', `deallocate planned`), []);
  });
  return plans;
}

const literal = (value: unknown) =>
  value === null
    ? 'null'
    : typeof value === 'number'
      ? String(value)
      : `'${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll("'", "''")}'`;

function scansOf(node: PlanNode): string[] {
  const { 'Node Type': type, 'Relation Name': relation, 'Index Name': index, Plans = [] } = node;
  const own = relation || index ? [[type, relation, index].filter(Boolean).join(' ')] : [];
  return [...own, ...Plans.flatMap(scansOf)];
}

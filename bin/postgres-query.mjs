/**
 * Owns single statements against a PostgreSQL server before any pool exists.
 * Must not know what the statements mean.
 */

/**
 * One statement on a connection of its own. The driver is loaded late: this file is read before
 * the dependencies are installed.
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<Record<string, unknown>[]>}
 */
export async function query(url, sql) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // a server that goes away in between is seen by the query
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

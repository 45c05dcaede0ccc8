/** Name of the database in a URL. */
export const databaseIn = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

/** The URL of another database on the same server, for the same role. */
export function urlAt(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.href
}

/** The URL of the same database by another port of this machine: that of a pooler. */
export function urlThrough(url: string, port: number): string {
  const other = new URL(url)
  other.port = String(port)
  return other.href
}

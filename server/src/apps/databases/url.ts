/** Name of the database in a URL. */
export const databaseIn = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

/** The URL of another database on the same server, for the same role. */
export function urlAt(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.href
}

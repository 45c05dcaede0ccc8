/** Name of the database at a URL. */
export const databaseIn = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

/** Another database of the same server, for the same role. */
export function urlAt(url: string, database: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(database)}`
  return other.href
}

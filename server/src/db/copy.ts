import { DatabaseSync } from 'node:sqlite'

/**
 * Makes a consistent copy of the store for another server to begin with. Runs that are under way here count there as
 * never ended, and no lock is held.
 */
export function copyStore(raw: DatabaseSync, path: string): void {
  raw.prepare('vacuum into ?').run(path)
  const copy = new DatabaseSync(path)
  try {
    copy.exec(`
      delete from lock;
      update run set state = 'ended', outcome = 'undone', ended_at = started_at where state <> 'ended';
      update point set state = 'failed', reason = 'the server was recovered from it before it had ended'
        where state = 'taking';
    `)
  } finally {
    copy.close()
  }
}

/** The restore point that such a copy came from: it had not ended in the copy, and is whole. */
interface CameFrom {
  point: string
  /** Its parts, as the store keeps them. */
  parts: readonly unknown[]
  /** Milliseconds since 1970. */
  endedAt: number
}

/** Marks all apps in such a copy as stopped, because no instance runs there yet. Returns the apps that ran. */
export function beginStopped(path: string, { point, parts, endedAt }: CameFrom): string[] {
  const copy = new DatabaseSync(path)
  try {
    copy
      .prepare(
        `update point set state = 'good', reason = null, parts = ?, ended_at = ? where name = ? and app is null`,
      )
      .run(JSON.stringify(parts), endedAt, point)
    const ran = copy.prepare(`select name from app where state = 'running' order by name`).all()
    copy.exec(`update app set state = 'stopped', warm = '{}' where state = 'running'; delete from retirement`)
    return ran.map(row => String(row['name']))
  } finally {
    copy.close()
  }
}

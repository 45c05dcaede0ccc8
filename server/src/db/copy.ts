import { DatabaseSync } from 'node:sqlite'

/**
 * A consistent copy of the store at this moment, as another server can begin with it: what is under way here never
 * ended there, and nobody holds a lock.
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

/** Of a copy that another server begins with: no instance runs yet. Resolves with the apps that did. */
export function beginStopped(path: string): string[] {
  const copy = new DatabaseSync(path)
  try {
    const ran = copy.prepare(`select name from app where state = 'running' order by name`).all()
    copy.exec(`update app set state = 'stopped', warm = '{}' where state = 'running'; delete from retirement`)
    return ran.map(row => String(row['name']))
  } finally {
    copy.close()
  }
}

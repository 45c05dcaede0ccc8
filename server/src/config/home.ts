import { join } from 'node:path'

/** Where everything of one Innkeeper lives. Two homes run side by side on one machine. */
export interface Home {
  root: string
  store: string
  /** Sockets and pid files of what runs now. */
  run: string
  keeperSocket: string
  /** Which ports of instances the edge may ask. */
  gates: string
  /** Service directories, and the folder of links that runsvdir watches. */
  services: string
  watched: string
  logs: string
  runtimes: string
  /** Caches of the keeper itself: compiled code, and what restic keeps. */
  cache: string
  uploads: string
  postgres: string
  /** The default place for backups, and what their engines keep between calls. */
  backups: string
  /** Restored copies of the cluster. */
  copies: string
  /** Tables as CSV, until they are fetched. */
  tables: string
  app(name: string): AppHome
}

export interface AppHome {
  root: string
  releases: string
  release(id: string): { root: string; tree: string; log: string }
  /** Persistent folders, shared by all releases. */
  shared: string
  /** Logs of one release's service instances; outlives the release's files. */
  logs: string
  redis: string
  /** HOME of the app's builds and processes. */
  cache: string
  /** What the app sees as /tmp. */
  tmp: string
  /** Written by root for programs of the app, which read it and cannot change it. */
  settings: string
  /** Root alone enters: what is brought here, or put aside, changes hands by a rename. */
  closed: string
}

/** Plain paths; nothing is read or made. */
export function homeAt(root: string): Home {
  const at = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    store: at('keeper.db'),
    run: at('run'),
    keeperSocket: at('run', 'keeper.sock'),
    gates: at('edge', 'gates'),
    services: at('sv'),
    watched: at('service'),
    logs: at('log'),
    runtimes: at('runtimes'),
    cache: at('cache'),
    uploads: at('uploads'),
    postgres: at('postgres'),
    backups: at('backups'),
    copies: at('copies'),
    tables: at('tables'),
    app(name) {
      const app = (...parts: string[]) => at('apps', name, ...parts)
      return {
        root: app(),
        releases: app('releases'),
        release: id => ({
          root: app('releases', id),
          tree: app('releases', id, 'tree'),
          log: app('releases', id, 'deploy.log'),
        }),
        shared: app('shared'),
        logs: app('logs'),
        redis: app('redis'),
        cache: app('cache'),
        tmp: app('tmp'),
        settings: app('settings'),
        closed: app('closed'),
      }
    },
  }
}

import { join } from 'node:path'

/** Where everything of one Innkeeper lives. Two homes run side by side on one machine. */
export interface Home {
  root: string
  store: string
  /** The key that opens the secrets in the store (age). */
  key: string
  /** Sockets and pid files of running processes. */
  run: string
  keeperSocket: string
  /** Gates: a file for each port of an instance to which the edge may send requests. */
  gates: string
  /** Service directories. `watched`: the folder with links to them, which runsvdir watches. */
  services: string
  watched: string
  logs: string
  runtimes: string
  /** Caches of the keeper itself: compiled code, and what restic keeps. */
  cache: string
  uploads: string
  /** What is fetched from repositories elsewhere, a folder each, until it is an upload. */
  fetches: string
  /** Repositories that `git push` deploys from, and their hook. Only the user of the keeper can enter. */
  git: string
  /** A source archive, by its sha256. */
  upload(digest: string): string
  /** Clusters: a folder for each app with a database that Innkeeper runs. */
  postgres: string
  /** The folder of an app's cluster, with our records about it. */
  cluster(app: string): string
  /** The default place for backups. */
  backups: string
  /** Restored copies of clusters. They lie beside the clusters, because a restore takes them over by a rename. */
  copies: string
  /** CSV files of tables, until they are fetched. */
  tables: string
  /** Rows on their way into an archive, or back from one. */
  retention: string
  /** What runs of jobs printed and how they ended, a folder for each run below one for its app. Only the user of the keeper can enter. */
  jobs: string
  /** Folders of commands that say the value of a secret, each for as long as it runs. */
  references: string
  /** Prometheus: its data, its configuration and rules, the list of what it asks, and the token by which it is known here. */
  metrics: string
  app(name: string): AppHome
}

export interface AppHome {
  root: string
  releases: string
  /** `seal`: what files its builds left. */
  release(id: string): { root: string; tree: string; log: string; seal: string }
  /** Files of other environments that are there for a promotion to come. Only root enters it. `of`: a release, whole as soon as it has this name. */
  ahead: { root: string; half: string; of(release: { app: string; release: string }): string }
  /** What is built from nothing, to see that it can be. `cache`: HOME of that build; `log`: of the last one. */
  rebuild: { root: string; tree: string; cache: string; log: string }
  /** Persistent folders, shared by all releases. */
  shared: string
  /** Logs of instances. They stay when the files of a release are removed. */
  logs: string
  redis: string
  /** HOME of the app's builds and processes. */
  cache: string
  /** What the app sees as /tmp. */
  tmp: string
  /** Files that root writes for programs of the app, which can read but not change them. */
  settings: string
  /** Where the app's own user reaches the keeper: `messages:`. */
  socket: string
  /** Only root can enter. Restored or put-aside data is here, and is moved to its place with a rename. */
  closed: string
}

/** The paths of a home. Nothing is read or created. */
export function homeAt(root: string): Home {
  const at = (...parts: string[]) => join(root, ...parts)
  return {
    root,
    store: at('keeper.db'),
    key: at('keeper.key'),
    run: at('run'),
    keeperSocket: at('run', 'keeper.sock'),
    gates: at('edge', 'gates'),
    services: at('sv'),
    watched: at('service'),
    logs: at('log'),
    runtimes: at('runtimes'),
    cache: at('cache'),
    uploads: at('uploads'),
    fetches: at('fetches'),
    git: at('git'),
    upload: digest => at('uploads', `${digest}.tgz`),
    postgres: at('postgres'),
    cluster: app => at('postgres', app),
    backups: at('backups'),
    copies: at('postgres', 'copy'),
    tables: at('tables'),
    retention: at('retention'),
    jobs: at('jobs'),
    references: at('references'),
    metrics: at('metrics'),
    app(name) {
      const app = (...parts: string[]) => at('apps', name, ...parts)
      return {
        root: app(),
        releases: app('releases'),
        release: id => ({
          root: app('releases', id),
          tree: app('releases', id, 'tree'),
          log: app('releases', id, 'deploy.log'),
          seal: app('releases', id, 'seal'),
        }),
        ahead: {
          root: app('ahead'),
          half: app('ahead', 'half'),
          of: ({ app: from, release }) => app('ahead', `${from}.${release}`),
        },
        rebuild: {
          root: app('rebuild'),
          tree: app('rebuild', 'tree'),
          cache: app('rebuild', 'cache'),
          log: app('rebuild.log'),
        },
        shared: app('shared'),
        logs: app('logs'),
        redis: app('redis'),
        cache: app('cache'),
        tmp: app('tmp'),
        settings: app('settings'),
        socket: app('settings', 'keeper.sock'),
        closed: app('closed'),
      }
    },
  }
}

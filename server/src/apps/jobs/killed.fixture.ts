import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { nextRun } from '../../drivers/croner/schedule.ts'
import { endJobs, jobRunner } from '../../drivers/host/jobs.ts'
import { systemClock } from '../../kernel/clock.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import type { App } from '../app/app.ts'
import type { Release } from '../releases/release.ts'
import { createJobs } from './jobs.ts'
import { jobStore } from './store.ts'

/** Midnight, so that a day has a whole number of hours. */
const BEGINS = Date.parse('2026-11-30T00:00:00Z')
const HOUR = 3_600_000
const PER_APP = 84
/** So often the process looks; in its own time that is some seconds. */
const EVERY_MS = 40

export interface Day {
  folder: string
  /** Jobs, each once an hour at a minute of its own. */
  jobs: number
  hours: number
  /** How much quicker its clock goes. */
  speed: number
  /** When the day began, by a clock that nobody sets and all processes share. */
  realStart: number
}

/** Milliseconds since the machine started, without those in which it was suspended. */
const sinceBoot = (): number => Number(process.hrtime.bigint() / 1_000_000n)

const appNames = ({ jobs }: Day): string[] =>
  Array.from({ length: Math.ceil(jobs / PER_APP) }, (_, n) => `app${n}`)

const jobsOf = ({ jobs }: Day, app: string): string[] => {
  const first = Number(app.slice(3)) * PER_APP
  return Array.from({ length: Math.min(PER_APP, jobs - first) }, (_, n) => `job${first + n}`)
}

const minuteOf = (job: string): number => (Number(job.slice(3)) * 7) % 60

/** A retry, because a minute, in which a start is made again, is an instant of a clock that is quicker. */
const configOf = (day: Day, app: string) =>
  readConfigOrFail(
    [
      `name: ${app}`,
      'services: { api: { start: node a } }',
      'jobs:',
      ...jobsOf(day, app).map(
        job => `  ${job}: { schedule: ${minuteOf(job)} * * * *, command: x, retries: 1 }`,
      ),
    ].join('\n'),
  )

const appOf = (name: string): App => ({
  ...{ name, port: 4000, state: 'running', warm: {}, scale: {} },
  live: { api: { release: 'r1', colour: 'blue' } },
})

/** The process that is killed: a keeper that has nothing but jobs, over the store and the programs of a real one. */
export async function main(day: Day): Promise<void> {
  const home = homeAt(day.folder)
  const store = jobStore(openStore(home.store))
  const now = () => Math.round(BEGINS + (sinceBoot() - day.realStart) * day.speed)
  const apps = appNames(day).map(appOf)
  const configs = new Map(apps.map(({ name }) => [name, configOf(day, name)]))
  const inside = home.app('app0').root
  const jobs = createJobs({
    apps: { all: async () => apps, find: async name => apps.find(app => app.name === name) ?? null },
    config: async app => configs.get(app)!,
    release: async (app, id) => ({ app, id, config: configs.get(app), artifacts: {} }) as unknown as Release,
    ...{ store, nextRun, runner: jobRunner(home.jobs) },
    commandOf: async ({ env }) => ({
      argv: ['sh', '-c', `echo "$INNKEEPER_JOB $INNKEEPER_JOB_MOMENT" >> ${join(inside, 'ran')}`],
      ...{ env, cwd: inside },
      confinement: confinement({ home, app: 'app0', user: null, inside, cgroup: null }),
    }),
    asleep: async () => false,
    wake: async () => {},
    awake: { hold: () => () => {} },
    clock: { now, sleep: systemClock.sleep },
    newId: () => randomUUID().slice(0, 13),
    onDefect: error => console.error(error),
  })
  const over = BEGINS + day.hours * HOUR
  await jobs.tick()
  process.stdout.write('ready\n')
  for (; now() <= over || (await store.active()).length > 0; await systemClock.sleep(EVERY_MS)) {
    // Of the hour after the day nothing counts, and the last of its runs end in it.
    await jobs.tick()
  }
}

/** Kills the process at random so often, then lets it end. What became of each moment. */
export async function killedOverADay(wanted: Omit<Day, 'realStart'> & { kills: number }) {
  const { folder, hours, speed, kills } = wanted
  const home = homeAt(folder)
  await mkdir(home.app('app0').root, { recursive: true })
  await mkdir(home.app('app0').tmp, { recursive: true })
  await mkdir(home.runtimes, { recursive: true })
  const day: Day = { ...wanted, realStart: sinceBoot() }
  const begin = () =>
    spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', import.meta.filename, JSON.stringify(day)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
  const between = (hours * HOUR) / speed / (kills + 1)
  let killed = 0
  let longestAwayMs = 0
  for (let gone = sinceBoot(); killed < kills; killed++) {
    const child = begin()
    const ended = once(child, 'exit')
    await Promise.race([once(child.stdout, 'data'), ended])
    longestAwayMs = Math.max(longestAwayMs, sinceBoot() - gone)
    // Somewhere in its own part of the day, so that the day is not over before the last one.
    const at = day.realStart + (killed + Math.random()) * between
    await systemClock.sleep(Math.max(0, at - sinceBoot()))
    child.kill('SIGKILL')
    const [code] = await ended
    gone = sinceBoot()
    if (code !== null) throw new Error(`it ended by itself with ${code}`)
  }
  const [code] = (await once(begin(), 'exit')) as [number]
  await endJobs(home.jobs, null)
  return { code, kills: killed, longestAwayMs, ...(await counted(day)) }
}

async function counted(day: Day) {
  const home = homeAt(day.folder)
  const lines = (await readFile(join(home.app('app0').root, 'ran'), 'utf8')).trim().split('\n')
  const times = new Map<string, number>()
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1)
  const moments = Array.from({ length: day.jobs }, (_, n) => `job${n}`).flatMap(job =>
    Array.from({ length: day.hours }, (_, hour) => BEGINS + hour * HOUR + minuteOf(job) * 60_000)
      // What was due as the day began was before anybody knew of it.
      .filter(moment => moment > BEGINS + day.speed * 5_000)
      .map(moment => `${job} ${new Date(moment).toISOString()}`),
  )
  const store = jobStore(openStore(home.store))
  const runs = await Promise.all(
    appNames(day).flatMap(app => jobsOf(day, app).map(name => store.history({ app, name }, 1_000))),
  )
  const count = (good: (run: (typeof runs)[number][number]) => boolean) => runs.flat().filter(good).length
  return {
    moments: moments.length,
    missed: moments.filter(moment => !times.has(moment)).length,
    twice: [...times.values()].filter(n => n > 1).length,
    done: count(run => run.state === 'done'),
    late: count(run => run.cause === 'late'),
    other: [
      ...new Set(runs.flat().flatMap(run => (run.state === 'done' ? [] : [`${run.state}: ${run.why}`]))),
    ],
    others: count(run => run.state !== 'done'),
  }
}

if (process.argv[1] === import.meta.filename) await main(JSON.parse(process.argv[2]!) as Day)

import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killedOverADay } from '../server/src/apps/jobs/killed.fixture.ts'

/**
 * node bench/jobs.ts [kills seconds]: 420 jobs, each once an hour, so 10,080 runs in a day that takes so many seconds. A
 * process decides on them and starts them as the keeper does, with its store and its programs, and is killed so often.
 */
const KILLS = Number(process.argv[2] ?? 50)
const SECONDS = Number(process.argv[3] ?? 900)

// In memory where there is such a place: what is killed is a process, and the machine goes on.
const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'inn-bench-jobs-'))
await chmod(folder, 0o711)
const began = performance.now()
const found = await killedOverADay({ folder, jobs: 420, hours: 24, speed: 86_400 / SECONDS, kills: KILLS })
console.log(JSON.stringify({ ...found, seconds: Math.round((performance.now() - began) / 1000) }))
await rm(folder, { recursive: true })

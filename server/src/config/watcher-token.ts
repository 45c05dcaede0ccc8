import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../kernel/secret.ts'
import type { Home } from './home.ts'

/** The file with the token: Prometheus reads it for each request, so a new one needs no reload. */
export const watcherTokenFile = (home: Home): string => join(home.metrics, 'alerts-token')

/** The token by which Prometheus hands its alerts to the keeper. Whoever asks first makes it, and everybody gets the same. */
export async function watcherToken(home: Home): Promise<Secret> {
  const path = watcherTokenFile(home)
  const known = await readFile(path, 'utf8').catch(absent)
  if (known !== null) return new Secret(known)
  await mkdir(home.metrics, { recursive: true, mode: 0o711 })
  const made = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(made, 'wx', 0o600)
  try {
    await file.writeFile(randomBytes(32).toString('hex'))
    await file.sync()
    // A second name, not a rename: it never takes the place of the token that another one made meanwhile.
    await link(made, path).catch(taken)
  } finally {
    await file.close()
    await rm(made, { force: true })
  }
  return new Secret(await readFile(path, 'utf8'))
}

/** Whether a request with this header comes from Prometheus. Comparing takes as long whatever it holds. */
export async function isWatcher(home: Home, authorization: string | undefined): Promise<boolean> {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = `Bearer ${(await watcherToken(home)).reveal()}`
  return timingSafeEqual(digest(authorization ?? ''), digest(wanted))
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

function taken(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}

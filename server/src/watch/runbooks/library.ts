import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { list } from '../../kernel/words.ts'
import { LARGEST_BYTES, type Parsed, parseRunbook } from './parse.ts'

/** A runbook with where it is from. `app`: in whose repository it is; null: it comes with Innkeeper. */
export interface Kept extends Parsed {
  app: string | null
  text: string
}

export interface LibraryPorts {
  /** The folder of runbooks that come with Innkeeper, as a source. */
  own: Source
  /** The files of the release of an app that serves; null: none does. */
  served(app: string): Promise<Source | null>
}

export const FOLDER = 'runbooks'
const NAME = /^([a-z][a-z0-9-]{0,59})\.md$/
/** Of one app; the rest is not read. */
const MOST = 60

/** Runbooks: those of an app stand before those of the same name that come with Innkeeper. */
export function library({ own, served }: LibraryPorts) {
  // What comes with Innkeeper does not change while it runs.
  let shipped: Promise<Kept[]> | null = null
  const ofApp = async (app: string): Promise<Kept[]> => {
    const source = await served(app)
    return source === null ? [] : readAll(source, FOLDER, app)
  }
  const all = async (app: string | null): Promise<Kept[]> => {
    shipped ??= readAll(own, '.', null)
    const [theirs, ours] = await Promise.all([app === null ? [] : ofApp(app), shipped])
    const names = new Set(theirs.map(one => one.runbook.name))
    return [...theirs, ...ours.filter(one => !names.has(one.runbook.name))]
  }
  return {
    ofApp,
    all,
    /** Failure `runbook.unknown`. */
    async find(name: string, app: string | null): Promise<Kept> {
      const there = await all(app)
      const found = there.find(one => one.runbook.name === name)
      if (found !== undefined) return found
      throw new Failure('runbook.unknown', `there is no runbook ${name}`, {
        why: `there are ${list(there.map(one => one.runbook.name))}`,
        fix: '`inn runbook` lists them; those of an app are in runbooks/NAME.md of its repository, from the next deploy on',
      })
    },
  }
}

async function readAll(source: Source, folder: string, app: string | null): Promise<Kept[]> {
  const names = (await source.names(folder).catch(() => null)) ?? []
  const wanted = names.flatMap(name => NAME.exec(name)?.[1] ?? []).sort()
  return Promise.all(wanted.slice(0, MOST).map(name => readOne(source, { folder, name, app })))
}

async function readOne(
  source: Source,
  { folder, name, app }: { folder: string; name: string; app: string | null },
): Promise<Kept> {
  const broken = (why: string): Kept => ({ ...parseRunbook(name, ''), problems: [why], app, text: '' })
  try {
    const text = await source.text(`${folder}/${name}.md`)
    if (text === null) return broken('it is gone')
    if (Buffer.byteLength(text) > LARGEST_BYTES) return broken(`it has more than ${LARGEST_BYTES / 1024} KB`)
    return { ...parseRunbook(name, text), app, text }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return broken(error.why ?? error.message)
  }
}

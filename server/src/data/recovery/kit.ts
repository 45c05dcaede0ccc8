import { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Place } from '../places/place.ts'

/** The recovery kit: everything that is needed when the server is gone. */
export interface Kit {
  /** Name of the machine that it was made on. */
  host: string
  /** The home of Innkeeper. A recovery needs the same path, because links and settings contain it. */
  home: string
  /** Milliseconds since 1970. */
  madeAt: number
  passphrase: Secret
  places: readonly Place[]
  /** Tool → version that wrote the backups at the places. */
  versions: Readonly<Record<string, string>>
}

const FORMAT = 2
const BEGIN = '----- BEGIN INNKEEPER RECOVERY KIT -----'
const END = '----- END INNKEEPER RECOVERY KIT -----'

/** The text of a kit: for a person, and below it the same for `inn recover`. `byHand`: how the stock tools open each place. */
export function writeKit(kit: Kit, byHand: (place: Place) => string): string {
  const tools = Object.entries(kit.versions).map(([name, version]) => `${name} ${version}`)
  return [
    `Recovery kit of ${kit.host}, made ${new Date(kit.madeAt).toISOString()}`,
    '',
    'Whoever has this and reaches the places below can read every backup of that server. Keep it where the server is',
    'not: in a password manager, on paper in a safe. To lock it with a passphrase: age -p -o kit.age kit.txt',
    '',
    'The server is gone? On an empty machine, with Innkeeper and nothing else:',
    '',
    `    INNKEEPER_HOME=${kit.home} inn recover --kit kit.txt`,
    '',
    'A folder among the places has to be where it was. Make the kit anew when places or keys change.',
    '',
    `Written with ${tools.join(', ')}. Without Innkeeper, with these tools alone:`,
    ...kit.places.flatMap(place => ['', `== ${place.name}`, '', byHand(place).trimEnd()]),
    '',
    BEGIN,
    JSON.stringify(toJson(kit), null, 2),
    END,
    '',
  ].join('\n')
}

const toJson = (kit: Kit) => ({
  format: FORMAT,
  ...kit,
  passphrase: kit.passphrase.reveal(),
  places: kit.places.map(place =>
    place.kind === 's3' ? { ...place, secret: place.secret.reveal() } : place,
  ),
})

type Written = Omit<Kit, 'passphrase' | 'places'> & {
  format: number
  passphrase: string
  places: Array<Record<string, unknown> & { secret?: string }>
}

/** Reads the text of a kit. Failure `kit.unreadable` says what is wrong with it. */
export function readKit(text: string): Kit {
  if (text.startsWith('age-encryption.org/') || text.startsWith('-----BEGIN AGE'))
    throw unreadable(
      'it is locked with age',
      '`age -d -o kit.txt kit.age`, then: `inn recover --kit kit.txt`',
    )
  const block = text.split(BEGIN)[1]?.split(END)[0]
  if (block === undefined)
    throw unreadable(
      `the lines from "${BEGIN}" to "${END}" are missing`,
      'give the whole file that `inn recovery kit` made',
    )
  let written: Written
  try {
    written = JSON.parse(block) as Written
  } catch (error) {
    throw unreadable(
      (error as Error).message,
      'a character was lost or changed: compare with another copy of the kit',
    )
  }
  if (written.format !== FORMAT)
    throw unreadable(
      `its format is ${written.format}, and this Innkeeper reads ${FORMAT}`,
      'use a newer Innkeeper',
    )
  const { format: _, passphrase, places, ...rest } = written
  return {
    ...rest,
    passphrase: new Secret(passphrase),
    places: places.map(place =>
      place.secret === undefined ? place : { ...place, secret: new Secret(place.secret) },
    ) as unknown as Place[],
  }
}

const unreadable = (why: string, fix: string): Failure =>
  new Failure('kit.unreadable', 'the recovery kit cannot be read', { why, fix })

import type { DeployStep } from '../../apps/deploys/step.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { BackupPorts } from '../backups/ports.ts'
import { type Place, placeAddress } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import { writeKit } from './kit.ts'
import { furthest, observeLost } from './observe.ts'
import { planDatabase, planRecovery } from './plan.ts'
import type { RecoveryStep } from './step.ts'

interface Options {
  backups: BackupPorts
  host: string
  passphrase(): Promise<Secret>
  /** Tool → version, for the tools that write to the places. */
  versions(): Promise<Record<string, string>>
  /** Text: how a person opens a place with the stock tools alone. */
  byHand(place: Place, passphrase: Secret): Promise<string>
  /** Remembers that a person has the kit with this digest. */
  setKept(digest: string): Promise<void>
  /** A short digest of a text. */
  hash(text: string): string
}

export type Recovery = ReturnType<typeof createRecovery>

/** The recovery kit, and plans to recover from it. */
export function createRecovery({ backups, host, passphrase, versions, byHand, setKept, hash }: Options) {
  /** Digest of everything that makes an older kit invalid when it changes: places, keys, PostgreSQL's major. */
  async function digest(): Promise<string> {
    const { places } = await backups.policy()
    const keys = places.map(p => [placeAddress(p), ...(p.kind === 's3' ? [p.keyId, p.secret.reveal()] : [])])
    const major = (await backups.cluster.expected())?.major ?? null
    return hash(JSON.stringify([keys.sort(), major, (await passphrase()).reveal()]))
  }

  return {
    /** The recovery kit as text. It contains every key. */
    async kit(): Promise<string> {
      const { places } = await backups.policy()
      const cluster = await backups.cluster.place()
      const key = await passphrase()
      const hands = new Map<string, string>()
      for (const place of places) hands.set(place.name, await byHand(place, key))
      const kit = {
        host,
        home: backups.home.root,
        madeAt: backups.clock.now(),
        passphrase: key,
        places,
        postgres: cluster?.major ?? null,
        versions: await versions(),
      }
      return writeKit(kit, place => hands.get(place.name)!)
    },

    async kept(): Promise<void> {
      await setKept(await digest())
    },

    /** Whether the kit that a person has (`known`: its digest) still opens the backups of now. */
    isKept: async (known: string | null): Promise<boolean> => known !== null && known === (await digest()),

    /** Plans to bring back the cluster on this server, from the place whose WAL reaches furthest. */
    async planDatabase(): Promise<Plan<RecoveryStep>> {
      const { places } = await backups.policy()
      const where = await backups.cluster.expected()
      const best = await furthest(backups, places)
      if (where !== null && best !== null) {
        const stamp = new Date(backups.clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
        const apps = (await backups.apps.all()).map(app => app.name)
        const { data } = where
        return planDatabase(best.place, apps, { data, aside: `${data}.before-${stamp}` })
      }
      throw new Failure('recover.nothing', 'no place has a backup of PostgreSQL that can be read now', {
        why: `looked at: ${places.map(place => place.name).join(', ')}`,
        fix: 'inn backup list says what is wrong with each',
      })
    },

    async plan(name: string): Promise<Plan<RecoveryStep | DeployStep>> {
      const { places } = await backups.policy()
      const ran = (await backups.cluster.expected()) !== null
      return planRecovery(await observeLost(backups, await placeNamed(backups, name), ran ? places : null))
    },
  }
}

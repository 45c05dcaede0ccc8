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
  /** Of the tools that write to the places. */
  versions(): Promise<Record<string, string>>
  /** How the stock tools alone open a place. */
  byHand(place: Place, passphrase: Secret): Promise<string>
  /** Remembers that a person has the kit. */
  setKept(digest: string): Promise<void>
  /** A short text that stands for another. */
  hash(text: string): string
}

export type Recovery = ReturnType<typeof createRecovery>

/** What is needed when the server is gone, and what is done with it on another. */
export function createRecovery({ backups, host, passphrase, versions, byHand, setKept, hash }: Options) {
  /** Of all that makes a kit another one. */
  async function digest(): Promise<string> {
    const { places } = await backups.policy()
    const keys = places.map(p => [placeAddress(p), ...(p.kind === 's3' ? [p.keyId, p.secret.reveal()] : [])])
    const major = (await backups.cluster.expected())?.major ?? null
    return hash(JSON.stringify([keys.sort(), major, (await passphrase()).reveal()]))
  }

  return {
    /** The recovery kit as text. It holds every key. */
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

    /** Whether the kit that a person has opens what there is now. */
    isKept: async (known: string | null): Promise<boolean> => known !== null && known === (await digest()),

    /** The cluster on this server, from the first place that has one of its backups. */
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

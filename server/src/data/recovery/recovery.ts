import { recoveryAside } from '../../apps/app/names.ts'
import type { DeployStep } from '../../apps/deploys/step.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Secret } from '../../kernel/secret.ts'
import { keeperPolicyNow } from '../backups/kept.ts'
import type { BackupPorts, BackupsPorts } from '../backups/ports.ts'
import { type Place, placeAddress } from '../places/place.ts'
import { writeKit } from './kit.ts'
import { furthest, observeLost } from './observe.ts'
import { planDatabase, planRecovery } from './plan.ts'
import type { RecoveryStep } from './step.ts'

interface Options {
  backups: BackupsPorts
  ground: Pick<BackupPorts, 'apps' | 'releases' | 'home' | 'clock'>
  /** Apps that have a cluster, or had one whose files are gone. */
  clusters(): Promise<string[]>
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
export function createRecovery(options: Options) {
  const { backups, ground, clusters, host, passphrase, versions, byHand, setKept, hash } = options
  const placesNow = async () => (await keeperPolicyNow(ground)).places

  /** Digest of everything that makes an older kit invalid when it changes: places and keys. */
  async function digest(): Promise<string> {
    const keys = (await placesNow()).map(p => [
      placeAddress(p),
      ...(p.kind === 's3' ? [p.keyId, p.secret.reveal()] : []),
    ])
    return hash(JSON.stringify([keys.sort(), (await passphrase()).reveal()]))
  }

  return {
    /** The recovery kit as text. It contains every key. */
    async kit(): Promise<string> {
      const places = await placesNow()
      const key = await passphrase()
      const hands = new Map<string, string>()
      for (const place of places) hands.set(place.name, await byHand(place, key))
      const kit = {
        host,
        home: ground.home.root,
        madeAt: ground.clock.now(),
        passphrase: key,
        places,
        versions: await versions(),
      }
      return writeKit(kit, place => hands.get(place.name)!)
    },

    async kept(): Promise<void> {
      await setKept(await digest())
    },

    /** Whether the kit that a person has (`known`: its digest) still opens the backups of now. */
    isKept: async (known: string | null): Promise<boolean> => known !== null && known === (await digest()),

    /**
     * Plans to bring back the cluster of an app on this server, from the place whose WAL reaches furthest. `backup`: the one
     * to begin from, when the newest is damaged.
     */
    async planDatabase(app: string, backup?: string): Promise<Plan<RecoveryStep>> {
      await ground.apps.get(app)
      const own = backups.of(app)
      const { places } = await own.policy()
      if ((await own.cluster.loss()) !== null && (await own.cluster.expected()) === null)
        throw noRecords(app, ground.home.cluster(app))
      const best = (await own.cluster.expected()) === null ? null : await furthest(own, places, backup)
      if (best === null)
        throw new Failure(
          'recover.nothing',
          `no place has a backup of the PostgreSQL of ${app} that can be read now`,
          {
            why: `looked at: ${places.map(place => place.name).join(', ') || 'none, because no release of it serves'}`,
            fix: `\`inn backup list ${app}\` says what is wrong with each`,
          },
        )
      const at = { app, place: best.place, backup: best.backup.label }
      return planDatabase(at, own.cluster.asidePath(recoveryAside(ground.clock.now())))
    },

    /** Plans to bring back all data. `place`: where the keeper's state came from. */
    async plan(place: string): Promise<Plan<RecoveryStep | DeployStep>> {
      const { apps, releases } = ground
      return planRecovery(
        await observeLost({ apps, releases, clusters: await clusters(), of: backups.of }, place),
      )
    },
  }
}

/** Port, major and password of a cluster stand beside its data folder, and are kept with the keeper's own state. */
const noRecords = (app: string, folder: string): Failure =>
  new Failure('recover.records', `the whole folder of the PostgreSQL of ${app} is gone`, {
    why: `${folder} has neither the data nor the port, major and password of the cluster`,
    fix: `move it back; or fetch the last snapshot keeper/state with restic, as \`inn recovery kit\` says, and put cluster.${app}.port, cluster.${app}.major and cluster.${app}.password of it there as port, major and password, of mode 600; then again`,
  })

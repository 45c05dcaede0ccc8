import { randomUUID } from 'node:crypto'
import { createDeployer } from '../apps/deploys/deployer.ts'
import { createRebuilds } from '../apps/rebuilds/rebuilds.ts'
import { rebuildStore } from '../apps/rebuilds/store.ts'
import { createDrills } from '../data/drills/drills.ts'
import { byKit } from '../data/recovery/from-kit.ts'
import { createRestores } from '../data/restores/restores.ts'
import { createRetentions } from '../data/retention/retentions.ts'
import { readSetting } from '../db/setting.ts'
import { nextRun } from '../drivers/croner/schedule.ts'
import { portWall } from '../drivers/host/nft.ts'
import { freeAppPorts, isFree } from '../drivers/host/ports.ts'
import { readApart } from '../drivers/tar/apart.ts'
import { createEngine, type Engine } from '../engine/engine.ts'
import type { Step } from '../engine/plan.ts'
import type { Perform } from '../engine/run.ts'
import { createCertificates } from '../reach/certificates/certificates.ts'
import { type Ground, openGround, type ServerSettings } from './ground.ts'
import { backupPorts, drillPorts, KIT_KEPT, restorePorts, wireBackups } from './wire-backups.ts'
import { certificatePorts } from './wire-certificates.ts'
import { deployPorts } from './wire-deploys.ts'
import { kitTools } from './wire-kit.ts'
import { recoveryPorts, wireRecovery } from './wire-recovery.ts'
import { rehearsalPorts } from './wire-rehearsals.ts'
import { retentionPorts } from './wire-retention.ts'
import { copyPorts, tablePorts } from './wire-tables.ts'

export type Keeper = ReturnType<typeof wireKeeper>

/** The ports and services of all nouns, for one home. `perform`: how the engine performs a step. */
export function wireKeeper(root: string, settings: ServerSettings, perform: Perform<Step>) {
  const ground = openGround(root, settings)
  const wall = portWall(root)
  const ports = wirePorts(ground, { wall, backupAlarms: app => services.backups.alarmsOf(app) })
  const engine = keeperEngine(ground, perform)
  const services = wireServices(ground, ports, engine)
  return { ...ground, ...ports, ...services, engine, wall }
}

type Ports = ReturnType<typeof wirePorts>

function wirePorts(ground: Ground, beside: Pick<Parameters<typeof deployPorts>[1], 'wall' | 'backupAlarms'>) {
  const { root } = ground
  const backups = backupPorts(ground)
  const deploys = deployPorts(ground, { ...beside, backups })
  const restores = restorePorts(backups, deploys, ground)
  const recovery = wireRecovery(backups, ground)
  return {
    recovery,
    backupPorts: backups,
    deployPorts: deploys,
    restorePorts: restores,
    recoveryPorts: recoveryPorts(restores, deploys),
    certificatePorts: certificatePorts(ground, deploys),
    rebuildPorts: { ...deploys, rebuilds: rebuildStore(ground.store) },
    copyPorts: copyPorts(restores, ground),
    rehearsalPorts: rehearsalPorts(restores, ground),
    tablePorts: tablePorts(restores, deploys, ground),
    retentionPorts: retentionPorts(backups, ground),
    drillPorts: drillPorts(restores, { ground, byKit: byKit(kitTools(root), () => recovery.kit()) }),
  }
}

const keeperEngine = ({ journal, clock, log }: Ground, perform: Perform<Step>): Engine<Step> =>
  createEngine<Step>({
    journal,
    perform,
    clock,
    newId: () => randomUUID(),
    onDefect: (error, title) =>
      log('error', title, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  })

function wireServices(ground: Ground, ports: Ports, engine: Engine<Step>) {
  const { store, home } = ground
  const kitKept = async () => ports.recovery.isKept(await readSetting(store, KIT_KEPT))
  const finder = {
    free: (taken: ReadonlySet<number>, seed: string, n: number) =>
      freeAppPorts(taken, `${home.root} ${seed}`, n),
    isFree,
  }
  const deployer = createDeployer({ ports: ports.deployPorts, finder, engine, readUpload: readApart })
  return {
    deployer,
    backups: wireBackups(ports.backupPorts, { ground, engine, kitKept }),
    restores: createRestores({ ports: ports.restorePorts, world: deployer.world }),
    retentions: createRetentions({ ports: ports.retentionPorts, engine, nextRun }),
    drills: createDrills({ ports: ports.drillPorts, engine, nextRun }),
    certificates: createCertificates({ ports: ports.certificatePorts, engine }),
    rebuilds: createRebuilds({ ports: ports.rebuildPorts, engine, nextRun }),
  }
}

import type { Clock } from '../../kernel/clock.ts'
import { describe } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { Channel, Press } from '../messages/channel.ts'
import type { Alert } from './alert.ts'

/** A message that was told longer ago is nobody's first thought any more; `inn ack` still takes it. */
const WAITING_MS = 24 * 3_600_000
/** A provider that does not answer, or answers somebody else, is asked again after this. */
const AGAIN_MS = 60_000
const PAUSE_MS = 1_000
/** Longest that one question for presses may take. */
const ASK_MS = 20_000

export interface ButtonPorts {
  alerts(): Promise<Alert[]>
  /** The channel; null: there is none any more. */
  channel(name: string): Promise<Channel | null>
  /** The occurrences that a dispatch told of; null: this server did not send it. */
  occurrences(key: string): Promise<string[] | null>
  /** Takes occurrences in hand; [] : they are over, or somebody has them. */
  acknowledge(occurrences: readonly string[], by: string): Promise<Alert[]>
  clock: Clock
  log(level: string, msg: string): void
}

/** Waits for presses of buttons while somebody may press one: as long as something is wrong that nobody has in hand. */
export function createButtons(ports: ButtonPorts) {
  const { clock } = ports
  const lines = new Set<string>()

  async function waiting(): Promise<Set<string>> {
    const open = (await ports.alerts()).filter(({ state, acked }) => state === 'firing' && acked === null)
    const told = open.flatMap(one => Object.entries(one.told))
    return new Set(told.filter(([, { at }]) => at > clock.now() - WAITING_MS).map(([channel]) => channel))
  }

  async function line(name: string, pressed: NonNullable<Channel['pressed']>): Promise<void> {
    let said = false
    while ((await waiting()).has(name)) {
      try {
        const presses = await pressed(AbortSignal.timeout(ASK_MS))
        for (const press of presses) await carryOut(press, ports)
        said = false
        // One that answers at once is not asked without end.
        if (presses.length === 0) await clock.sleep(PAUSE_MS)
      } catch (error) {
        if (!said) ports.log('warn', `presses of buttons in ${name} are not known: ${describe(error).what}`)
        said = true
        await clock.sleep(AGAIN_MS)
      }
    }
  }

  return {
    /** Called by a timer: begins to wait where it has become worth it. */
    async tick(): Promise<void> {
      for (const name of await waiting()) {
        if (lines.has(name)) continue
        const pressed = (await ports.channel(name))?.pressed
        if (pressed === undefined) continue
        lines.add(name)
        void line(name, pressed)
          .catch(error => ports.log('error', `buttons of ${name}: ${String(error)}`))
          .finally(() => lines.delete(name))
      }
    },
  }
}

async function carryOut({ key, by, answer }: Press, ports: ButtonPorts): Promise<void> {
  const occurrences = await ports.occurrences(key)
  if (occurrences === null) return answer('another server sent this: `inn ack` there')
  const acked = await ports.acknowledge(occurrences, by)
  await answer(
    acked.length === 0
      ? 'it is over, or somebody has it in hand already'
      : `you have ${count(acked.length, 'alert')} in hand`,
  )
}

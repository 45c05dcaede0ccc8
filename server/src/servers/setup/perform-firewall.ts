import type { Performers } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Machine } from './machine.ts'
import type { SetupStep } from './step.ts'
import { keptIn, PATHS, TABLE } from './texts.ts'
import { must, type Tools } from './tools.ts'

const LOOK_MS = 200
/** After the timer has gone off, it takes a moment to act. */
const LATE_MS = 5_000

/**
 * Takes the firewall back unless somebody confirmed it by then: to the one of before, or to none. A process of its own,
 * so that it does so also when set-up was killed or the connection is cut. Of timer and confirmation the one that renames
 * the file first has decided; the id keeps a timer of an earlier try from deciding about this one.
 */
const TIMER = `: >"$2.timer"
sleep "$1"
[ "$(cat "$2" 2>/dev/null)" = "$3" ] && mv "$2" "$2.over" || exit 0
if [ -e "$4" ]; then nft -f "$4"; else nft delete table inet "$5"; fi
rm -f "$2.over"`

/**
 * The timer goes on after what starts it, and holds none of its outputs. It is waited for: until it has a session of its
 * own, it would end with our process group, and a firewall without a timer might lock everybody out.
 */
const DETACHED = `rm -f "$3.timer"
setsid -f sh -c "$0" "$@" </dev/null >/dev/null 2>&1
until [ -e "$3.timer" ]; do sleep 0.02; done
rm -f "$3.timer"`

export const performFirewall = ({
  machine,
  places,
  clock,
}: Tools): Pick<Performers<SetupStep>, 'setup.firewall'> => ({
  async 'setup.firewall'({ rules, seconds }, { run }) {
    const id = `${run}-${clock.now()}`
    if (seconds !== null) await startTimer(machine, id, seconds)
    await load(machine, rules)
    if (seconds !== null) await confirmed({ machine, clock }, id, seconds)
    const { out } = await must(machine, ['nft', 'list', 'table', 'inet', TABLE])
    await machine.write(keptIn(places).table, out, 0o600)
    await machine.write(PATHS.rules, rules, 0o644)
    if ((await machine.exec(['test', '-d', '/run/systemd/system'])).code !== 0) return
    await must(machine, ['systemctl', 'daemon-reload'])
    // Started too: a unit that never was comes back with no restart of nftables.service.
    await must(machine, ['systemctl', 'enable', '--now', 'innkeeper-firewall'])
  },
})

async function startTimer(machine: Machine, id: string, seconds: number): Promise<void> {
  await machine.remove(PATHS.confirmed)
  await machine.write(PATHS.waiting, id, 0o600)
  const values = ['sh', String(seconds), PATHS.waiting, id, PATHS.rules, TABLE]
  await must(machine, ['sh', '-c', DETACHED, TIMER, ...values])
}

async function load(machine: Machine, rules: string): Promise<void> {
  const path = `${PATHS.waiting}.nft`
  await machine.write(path, rules, 0o600)
  try {
    await must(machine, ['nft', '-f', path])
  } finally {
    await machine.remove(path)
  }
}

async function confirmed(
  { machine, clock }: Pick<Tools, 'machine' | 'clock'>,
  id: string,
  seconds: number,
): Promise<void> {
  const there = async (path: string) => (await machine.exec(['test', '-e', path])).code === 0
  const kept = async () => (await machine.read(PATHS.confirmed)) === id
  for (const end = clock.now() + seconds * 1_000 + LATE_MS; clock.now() < end; await clock.sleep(LOOK_MS)) {
    if (await kept()) return machine.remove(PATHS.confirmed)
    if ((await there(PATHS.waiting)) || (await there(`${PATHS.waiting}.over`))) continue
    // It may have been renamed between the two looks.
    if (!(await kept())) break
  }
  throw new Failure('setup.firewall', 'the firewall was taken back', {
    why: `nobody said within ${seconds} s that the server is still reached`,
    fix: '`inn server setup` again; within that time `inn server setup --confirm` by a new ssh connection keeps it',
  })
}

/** Keeps the firewall that waits. Failure `setup.unasked` when none does. */
export async function confirmFirewall(machine: Machine): Promise<void> {
  const { code } = await machine.exec(['mv', '--', PATHS.waiting, PATHS.confirmed])
  if (code === 0) return
  throw new Failure('setup.unasked', 'no firewall waits to be confirmed', {
    why: 'its time is over and it was taken back, or it was confirmed already',
    fix: '`inn server setup --local` shows whether there is something left to do',
  })
}

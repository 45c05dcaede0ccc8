import { CONFIRM_SECONDS, type Flags, type SetupTools } from './cli-tools.ts'
import type { Facts, Places, Wishes } from './facts.ts'
import { keptFrom } from './observe.ts'
import type { Asked } from './plan.ts'

/** What is asked for: what was asked for before, and what this command adds. */
function wishesOf(facts: Facts, places: Places, { hardenSsh, open }: Flags): Wishes {
  const before = keptFrom(facts, places)?.wishes ?? { hardenSsh: false, open: [] }
  return { hardenSsh: hardenSsh ?? before.hardenSsh, open: open ?? before.open }
}

export const askedBy = (
  { places, packages }: Pick<SetupTools, 'places' | 'packages'>,
  facts: Facts,
  flags: Flags,
): Asked => ({
  wishes: wishesOf(facts, places, flags),
  places,
  packages,
  seconds: flags.keepFirewall ? null : CONFIRM_SECONDS,
})

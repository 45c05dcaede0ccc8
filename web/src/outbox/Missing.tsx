import type { OutboxView } from '../../../server/src/watch/outbox/wire.ts'
import { Command } from '../kit/Command.tsx'

/** What keeps an app from sending: a channel that it names, and nobody allowed. */
export function Missing({ app, view: { wants, grants } }: { app: string; view: OutboxView }) {
  const named = [...new Set([wants?.email ?? [], wants?.telegram ?? []].flat())]
  const missing = named.filter(channel => !grants.some(one => one.channel === channel))
  return missing.map(channel => (
    <div key={channel} className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2.5">
      <p className="text-warn">It may not send by {channel} until an admin allows it:</p>
      <Command text={`inn outbox allow ${channel} --app ${app}`} />
    </div>
  ))
}

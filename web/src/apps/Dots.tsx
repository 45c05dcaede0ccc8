import type { z } from 'zod'
import type { Instance, ServiceStatus } from '../../../server/src/apps/app/wire.ts'

type One = z.infer<typeof Instance>

/** One mark for each instance. Round: blue; diamond: green; filled: live; hollow: warm; red: trouble. */
export function Dots({ service }: { service: z.infer<typeof ServiceStatus> }) {
  return (
    <li className="inline-flex items-center gap-1.5">
      <span className="text-xs text-soft">{service.name}</span>
      {service.instances.length === 0 && (
        <span className="text-xs text-faint">{service.kind === 'static' ? 'static' : 'no instance'}</span>
      )}
      {service.instances.map(one => (
        <Dot key={`${one.colour}.${one.n}`} one={one} />
      ))}
    </li>
  )
}

function Dot({ one }: { one: One }) {
  const says = `${one.colour}.${one.n} ${one.role} ${one.state}, ${one.release}`
  return (
    <span
      role="img"
      aria-label={says}
      title={says}
      className={`size-2.5 ${one.colour === 'blue' ? 'rounded-full' : 'rotate-45 rounded-[1.5px]'} ${paint(one)}`}
    />
  )
}

function paint(one: One): string {
  if (one.state === 'down') return 'bg-bad'
  if (one.state === 'failing') return 'bg-warn'
  if (one.state === 'stopped') return 'border border-edge'
  const pulse = one.state === 'starting' ? 'pulse' : ''
  if (one.role === 'live') return `${pulse} ${one.colour === 'blue' ? 'bg-blue' : 'bg-green'}`
  return `${pulse} border-[1.5px] ${one.colour === 'blue' ? 'border-blue' : 'border-green'}`
}

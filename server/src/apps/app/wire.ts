import { z } from 'zod'

export const Colour = z.enum(['blue', 'green'])
export type Colour = z.infer<typeof Colour>

/** `failing`: it runs, but its health check says no. `down`: it should run and does not. */
export const InstanceState = z.enum(['ready', 'starting', 'failing', 'down', 'stopped'])

export type InstanceState = z.infer<typeof InstanceState>

export const Instance = z.object({
  colour: Colour,
  /** 1, 2, … within its service and colour. */
  n: z.number().int(),
  release: z.string(),
  pid: z.number().int().nullable(),
  port: z.number().int().nullable(),
  state: InstanceState,
  /** Whether the edge asks other instances instead, because this one is not well. Never so for the last one of a service. */
  leftOut: z.boolean(),
  /** Takes traffic, or would if asked: `live`, or kept for a rollback: `warm`. */
  role: z.enum(['live', 'warm', 'old']),
  rssBytes: z.number().nullable(),
  /** How often it ended by itself or was replaced because of its health or its memory, since it was deployed. */
  restarts: z.number().int(),
  /** Seconds since the process started. */
  uptimeSeconds: z.number().nullable(),
})
export type Instance = z.infer<typeof Instance>

export const ServiceStatus = z.object({
  name: z.string(),
  kind: z.enum(['web', 'worker', 'static']),
  colour: Colour.nullable(),
  release: z.string().nullable(),
  routes: z.array(z.string()),
  instances: z.array(Instance),
})
export type ServiceStatus = z.infer<typeof ServiceStatus>

export const AppState = z.enum(['serving', 'degraded', 'down', 'stopped', 'asleep', 'maintenance', 'new'])

export const AppStatus = z.object({
  name: z.string(),
  environment: z.string(),
  url: z.string().nullable(),
  colour: Colour.nullable(),
  release: z.string().nullable(),
  state: AppState,
  /** Why it is not `serving`, in one sentence. */
  reason: z.string().nullable(),
  services: z.array(ServiceStatus),
  /** What `inn rollback` would return to, and how fast. */
  rollback: z
    .object({ release: z.string(), warm: z.boolean(), warmUntil: z.iso.datetime().nullable() })
    .nullable(),
  /** The run under way, if any. */
  running: z.string().nullable(),
  deployedAt: z.iso.datetime().nullable(),
  deployedBy: z.string().nullable(),
  /** What the asking person may do here: the page shows no other buttons. */
  can: z.array(z.enum(['deploy', 'rollback', 'switch', 'scale', 'restart', 'stop', 'start'])),
})
export type AppStatus = z.infer<typeof AppStatus>

import { z } from 'zod'
import { Alarm } from '../alerts/wire.ts'

export const Colour = z.enum(['blue', 'green'])
export type Colour = z.infer<typeof Colour>

/** `failing`: it runs, but its health check says no. `down`: it should run and does not. */
export const InstanceState = z.enum(['ready', 'starting', 'failing', 'down', 'stopped'])

export const Instance = z.object({
  colour: Colour,
  /** 1, 2, … within its service and colour. */
  n: z.number().int(),
  release: z.string(),
  pid: z.number().int().nullable(),
  port: z.number().int().nullable(),
  state: InstanceState,
  /** Takes traffic, or would if asked: `live`, or kept for a rollback: `warm`. */
  role: z.enum(['live', 'warm', 'old']),
  rssBytes: z.number().nullable(),
  /** Times that it was started again by the supervisor since the keeper has watched. */
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

export const AppState = z.enum(['serving', 'degraded', 'down', 'stopped', 'new'])

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

/** A part of the server that Innkeeper runs for all apps: edge, postgres. */
export const Part = z.object({
  name: z.string(),
  state: z.enum(['up', 'down', 'stopped']),
  pid: z.number().int().nullable(),
  detail: z.string(),
})

export const Status = z.object({
  keeper: z.object({
    version: z.string(),
    pid: z.number().int(),
    rssBytes: z.number(),
    url: z.string(),
    home: z.string(),
    upSince: z.iso.datetime(),
  }),
  host: z.object({
    name: z.string(),
    cpus: z.number(),
    memoryBytes: z.number(),
    memoryFreeBytes: z.number(),
    diskBytes: z.number(),
    diskFreeBytes: z.number(),
  }),
  parts: z.array(Part),
  /** What a person must know about the backups, the worst first. */
  alarms: z.array(Alarm),
  apps: z.array(AppStatus),
})
export type Status = z.infer<typeof Status>

/** Requests at the edge in one slot of time. */
export const TrafficPoint = z.object({
  /** Start of the slot, milliseconds since 1970. */
  at: z.number(),
  requests: z.number(),
  /** Answers 5xx, and connections that gave no answer. */
  errors: z.number(),
  /** 95th and 50th percentile of the app's own time, milliseconds; null without requests. */
  p95: z.number().nullable(),
  p50: z.number().nullable(),
})
export const Traffic = z.object({
  slotSeconds: z.number(),
  points: z.array(TrafficPoint),
  /** Deploys, rollbacks and switches in the window, to mark in the chart. */
  marks: z.array(z.object({ at: z.number(), label: z.string(), run: z.string() })),
})
export type Traffic = z.infer<typeof Traffic>

import type { z } from 'zod'
import type { AppStatus, Colour } from '../../../server/src/apps/app/wire.ts'
import { RollbackRequest, ScaleRequest, SwitchRequest } from '../../../server/src/apps/deploys/wire.ts'
import { PlainRequest } from '../../../server/src/engine/wire-change.ts'

export type Verb = 'rollback' | 'switch' | 'restart' | 'scale' | 'stop' | 'start'

/** All choices of the dialogs. Each verb uses those that it needs. */
export interface Choice {
  release?: string
  colour: Colour
  instances: Record<string, number>
}

interface Change {
  label: string
  title: (app: string) => string
  confirm: string
  danger: boolean
  request: (choice: Choice) => Record<string, unknown>
}

const of = <S extends z.ZodType>(schema: S, value: z.input<S>) =>
  schema.parse(value) as Record<string, unknown>

export const CHANGES: Record<Verb, Change> = {
  rollback: {
    label: 'Rollback',
    title: app => `Roll ${app} back`,
    confirm: 'Roll back',
    danger: false,
    request: ({ release }) => of(RollbackRequest, release === undefined ? {} : { release }),
  },
  switch: {
    label: 'Switch',
    title: app => `Switch ${app} to the other colour`,
    confirm: 'Switch',
    danger: false,
    request: ({ colour }) => of(SwitchRequest, { colour }),
  },
  restart: {
    label: 'Restart',
    title: app => `Restart ${app}`,
    confirm: 'Restart',
    danger: false,
    request: () => of(PlainRequest, {}),
  },
  scale: {
    label: 'Scale',
    title: app => `Scale ${app}`,
    confirm: 'Scale',
    danger: false,
    request: ({ instances }) => of(ScaleRequest, { instances }),
  },
  stop: {
    label: 'Stop',
    title: app => `Stop ${app}`,
    confirm: 'Stop it',
    danger: true,
    request: () => of(PlainRequest, {}),
  },
  start: {
    label: 'Start',
    title: app => `Start ${app}`,
    confirm: 'Start',
    danger: false,
    request: () => of(PlainRequest, {}),
  },
}

/** The verbs, with those first that are needed in an emergency. */
export const VERBS = Object.keys(CHANGES) as Verb[]

export function firstChoice(app: AppStatus, release: string | undefined): Choice {
  const scaled = app.services.filter(service => service.kind !== 'static')
  const live = (service: (typeof scaled)[number]) =>
    service.instances.filter(one => one.role === 'live').length
  return {
    release,
    colour: app.colour === 'blue' ? 'green' : 'blue',
    instances: Object.fromEntries(scaled.map(service => [service.name, live(service)])),
  }
}

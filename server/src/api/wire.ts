import { z } from 'zod'

/** viewer: sees; operator: deploys, rolls back, scales; admin: people and tokens too. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

/**
 * What a token can be held to. Each is named after the command that it is for; `read` is whatever changes nothing, and
 * `propose` is for an assistant: what it asks for begins when a person has approved it.
 */
export const Verb = z.enum([
  'read',
  'deploy',
  'promote',
  'rollback',
  'scale',
  'restart',
  'stop',
  'start',
  'run',
  'backup',
  'drill',
  'secrets',
  'propose',
])
export type Verb = z.infer<typeof Verb>

/** What an app is called: its key. */
export const AppName = z.string().regex(/^[a-z][a-z0-9@.-]{0,63}$/, 'no app has such a name')

/** App → the role in it. */
export const AppRoles = z.record(AppName, Role)
export type AppRoles = z.infer<typeof AppRoles>

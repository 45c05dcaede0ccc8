import type { OpenPart } from '../../parts/part.ts'
import { type StatusPorts, statusRoutes } from './routes.ts'

export type Needs = StatusPorts

export const open = (needs: Needs): OpenPart => ({ routes: app => statusRoutes(app, needs) })

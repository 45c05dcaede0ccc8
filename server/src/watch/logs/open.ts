import type { OpenPart } from '../../parts/part.ts'
import { type LogPorts, logRoutes } from './routes.ts'

export type Needs = LogPorts

export const open = (needs: Needs): OpenPart => ({ routes: app => logRoutes(app, needs) })

import type { OpenPart } from '../../parts/part.ts'
import { type ReleasePorts, releaseRoutes } from './routes.ts'

export type Needs = ReleasePorts

export const open = (needs: Needs): OpenPart => ({ routes: app => releaseRoutes(app, needs) })

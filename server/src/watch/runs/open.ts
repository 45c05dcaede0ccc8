import type { OpenPart } from '../../parts/part.ts'
import { type RunPorts, runRoutes } from './routes.ts'

export type Needs = RunPorts

export const open = (needs: Needs): OpenPart => ({ routes: app => runRoutes(app, needs) })

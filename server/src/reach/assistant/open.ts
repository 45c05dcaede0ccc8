import type { OpenPart } from '../../parts/part.ts'
import { type AssistantPorts, assistantRoutes } from './routes.ts'

export type Needs = AssistantPorts

export const open = (needs: Needs): OpenPart => ({ routes: app => assistantRoutes(app, needs) })

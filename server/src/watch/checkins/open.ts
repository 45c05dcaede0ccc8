import type { OpenPart } from '../../parts/part.ts'
import { type CheckinRoutePorts, checkinRoutes } from './routes.ts'

export type Needs = CheckinRoutePorts

export const open = ({ checkins, knownApp }: Needs): OpenPart => ({
  // What is wrong is asked four times a minute, which also begins to wait for what was deployed.
  alarms: () => checkins.alarms(),
  routes: app => checkinRoutes(app, { checkins, knownApp }),
})

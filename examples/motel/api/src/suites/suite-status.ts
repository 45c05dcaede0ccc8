import { StatusMachine } from '../machine/machine'
import type { SuiteStatus } from '../generated/prisma/enums'

/** A stay and what comes after it: guests leave, somebody cleans, somebody looks, and the suite is let again. */
export const suiteMachine = new StatusMachine<SuiteStatus>('suite', [
  { from: 'vacant', to: 'occupied', by: ['reception'] },
  { from: 'vacant', to: 'out_of_order', by: ['maintenance'] },
  { from: 'occupied', to: 'dirty', by: ['reception'] },
  { from: 'dirty', to: 'cleaning', by: ['housekeeping'] },
  { from: 'dirty', to: 'out_of_order', by: ['maintenance', 'housekeeping'] },
  { from: 'cleaning', to: 'inspected', by: ['housekeeping'] },
  { from: 'cleaning', to: 'dirty', by: ['housekeeping'] },
  { from: 'inspected', to: 'vacant', by: ['reception', 'housekeeping'] },
  { from: 'inspected', to: 'dirty', by: ['reception', 'housekeeping'] },
  { from: 'out_of_order', to: 'dirty', by: ['maintenance'] },
])

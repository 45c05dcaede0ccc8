import { deepEqual, doesNotThrow, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { ConflictException, ForbiddenException } from '@nestjs/common'
import { Role, SuiteStatus, TaskStatus } from '../src/generated/prisma/enums'
import { suiteMachine } from '../src/suites/suite-status'
import { taskMachine } from '../src/tasks/task-status'

const manager = { role: Role.manager }

/** Every pair of statuses that a manager may step over, as "from > to". */
const stepsOf = <S extends string>(statuses: S[], allowed: (from: S) => S[]) =>
  statuses.flatMap(from => allowed(from).map(to => `${from} > ${to}`)).sort()

test('a suite goes round from vacant to vacant, and out of order', () => {
  const round: SuiteStatus[] = ['vacant', 'occupied', 'dirty', 'cleaning', 'inspected', 'vacant', 'out_of_order', 'dirty']
  for (let i = 1; i < round.length; i++) suiteMachine.check(round[i - 1]!, round[i]!, manager)
  deepEqual(
    stepsOf(Object.values(SuiteStatus), from => suiteMachine.allowed(from)),
    [
      'cleaning > dirty',
      'cleaning > inspected',
      'dirty > cleaning',
      'dirty > out_of_order',
      'inspected > dirty',
      'inspected > vacant',
      'occupied > dirty',
      'out_of_order > dirty',
      'vacant > occupied',
      'vacant > out_of_order',
    ],
  )
})

test('a task goes from open to verified, can be cancelled until it is done, and ends', () => {
  const way: TaskStatus[] = ['open', 'assigned', 'in_progress', 'done', 'verified']
  for (let i = 1; i < way.length; i++) taskMachine.check(way[i - 1]!, way[i]!, manager)
  const cancelled = Object.values(TaskStatus).filter(from => taskMachine.allowed(from).includes('cancelled'))
  deepEqual(cancelled, ['open', 'assigned', 'in_progress'])
  deepEqual(taskMachine.allowed('verified'), [])
  deepEqual(taskMachine.allowed('cancelled'), [])
})

test('what is not a step is 409 and says what would be', () => {
  throws(
    () => suiteMachine.check('vacant', 'inspected', manager),
    (error: ConflictException) => {
      deepEqual(error.getResponse(), {
        statusCode: 409,
        error: 'Conflict',
        message: 'This suite is vacant and cannot become inspected. It can become occupied or out of order.',
        status: 'vacant',
        allowed: ['occupied', 'out_of_order'],
      })
      return error.getStatus() === 409
    },
  )
  throws(() => taskMachine.check('verified', 'open', manager), /This task is verified and cannot become open. That is its end./)
  throws(() => taskMachine.check('open', 'open', manager), ConflictException)
})

test('a step of others is 403, and their own is theirs', () => {
  throws(() => suiteMachine.check('vacant', 'occupied', { role: 'housekeeping' }), ForbiddenException)
  doesNotThrow(() => suiteMachine.check('dirty', 'cleaning', { role: 'housekeeping' }))
  throws(() => taskMachine.check('assigned', 'in_progress', { role: 'maintenance' }), ForbiddenException)
  doesNotThrow(() => taskMachine.check('assigned', 'in_progress', { role: 'maintenance', isAssignee: true }))
  throws(() => taskMachine.check('done', 'verified', { role: 'housekeeping', isAssignee: true }), ForbiddenException)
})

test('a person is offered what they may do', () => {
  deepEqual(suiteMachine.allowedTo('dirty', { role: 'housekeeping' }), ['cleaning', 'out_of_order'])
  deepEqual(suiteMachine.allowedTo('dirty', { role: 'reception' }), [])
  equal(suiteMachine.allowedTo('dirty', manager).length, 2)
  deepEqual(taskMachine.allowedTo('in_progress', { role: 'housekeeping', isAssignee: true }), ['done', 'assigned'])
})

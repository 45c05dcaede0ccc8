import { Refusal } from '../http/refusal.ts'

export const taken = (capsule: string) =>
  new Refusal(409, 'capsule_taken', `Capsule ${capsule} is not free. Choose another, or leave the choice to us.`)
export const notWaiting = () => new Refusal(409, 'not_waiting', 'Only a guest who waits can be given a capsule.')
export const gone = () => new Refusal(409, 'already_left', 'This guest has already checked out.')

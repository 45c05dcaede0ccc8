import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { decide, type Place, seatsOf, type Vote } from '../src/voting/line.ts'

/** Votes one after the other: `1 join`, `2 guest`. Answers the line as `1`, `2+`, and what each was told. */
function play(capacity: number, votes: string[]) {
  let line: Place[] = []
  const told: string[] = []
  const log: string[] = []
  for (const [i, text] of votes.entries()) {
    const [user, vote] = text.split(' ') as [string, Vote]
    const decision = decide(line, { vote, userId: Number(user), capacity })
    told.push(decision.outcome)
    log.push(...decision.log.map(entry => `${entry.userId} ${entry.action}`))
    line = line.filter(place => !decision.remove.includes(place.id))
    if (decision.add) line.push({ id: i, userId: Number(user), kind: decision.add })
  }
  const shown = (places: Place[]) =>
    places.map(({ userId, kind }) => `${userId}${kind === 'GUEST' ? '+' : ''}`).join(' ')
  const { seated, waiting } = seatsOf(line, capacity)
  return { seated: shown(seated), waiting: shown(waiting), told, log }
}

test('who comes after the last seat waits, in order of arrival', () => {
  const { seated, waiting, told } = play(2, ['1 join', '2 join', '3 join', '4 join'])
  deepEqual({ seated, waiting }, { seated: '1 2', waiting: '3 4' })
  deepEqual(told, ['joined', 'joined', 'waiting', 'waiting'])
})

test('a guest takes a seat like anybody else', () => {
  const { seated, waiting, told } = play(2, ['1 join', '1 guest', '2 join', '1 guest'])
  deepEqual({ seated, waiting }, { seated: '1 1+', waiting: '2 1+' })
  deepEqual(told, ['joined', 'guest-joined', 'waiting', 'guest-waiting'])
})

test('who leaves takes their guests along, and those who waited move up', () => {
  const { seated, waiting, log } = play(2, ['1 join', '1 guest', '2 join', '3 join', '4 join', '1 leave'])
  deepEqual({ seated, waiting }, { seated: '2 3', waiting: '4' })
  deepEqual(log.slice(-3), ['1 LEFT', '2 MOVED_UP', '3 MOVED_UP'])
})

test('who waits and leaves moves nobody up', () => {
  const { seated, waiting, log } = play(1, ['1 join', '2 join', '3 join', '2 leave'])
  deepEqual({ seated, waiting }, { seated: '1', waiting: '3' })
  equal(log.at(-1), '2 LEFT')
})

test('voting twice changes nothing, nor does leaving without being in', () => {
  deepEqual(play(3, ['1 join', '1 join', '2 leave']).told, ['joined', 'already-in', 'not-in'])
  deepEqual(play(3, ['1 join', '1 join', '2 leave']).log, ['1 JOINED'])
})

test('three guests are the most; one may bring a guest and join later', () => {
  const votes = ['1 guest', '1 guest', '1 guest', '1 guest', '1 join']
  deepEqual(play(9, votes).told, ['guest-joined', 'guest-joined', 'guest-joined', 'too-many-guests', 'joined'])
})

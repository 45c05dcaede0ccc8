import type { AppCheck } from '../../config/security.ts'
import type { Severity } from './wire.ts'

interface Check {
  /** Of a finding, unless the rule says another one. */
  severity: Severity
  /** What is so when nothing is found. */
  good: string
  /** Why it matters, in one sentence. */
  why: string
}

const SERVER = {
  'server.updates': {
    severity: 'high',
    good: 'no security update waits',
    why: 'what an update mends is public, so it is tried against every server that lacks it',
  },
  'server.unattended': {
    severity: 'medium',
    good: 'security updates are installed each day',
    why: 'nobody remembers updates every day, and holes are used within hours of being told of',
  },
  'server.restart': {
    severity: 'medium',
    good: 'no restart of the machine is due',
    why: 'an updated kernel or library protects from the restart on, and not before',
  },
  'server.drift': {
    severity: 'medium',
    good: 'the server is as set-up left it',
    why: 'what was changed by hand is in no record, and may have opened what was closed',
  },
  'server.firewall': {
    severity: 'medium',
    good: 'a firewall refuses what is not named',
    why: 'without one, every program that is ever started on all interfaces is open to the world',
  },
  'server.ports': {
    severity: 'high',
    good: 'only ssh and the edge are reached from outside',
    why: 'whatever listens beyond loopback is found by scanners within minutes',
  },
  'server.ssh': {
    severity: 'high',
    good: 'sshd takes no passwords',
    why: 'passwords of ssh are guessed all day long by machines that do nothing else',
  },
  'server.walls': {
    severity: 'medium',
    good: 'the walls between apps stand',
    why: 'without them a hole in one app is a hole in all of them',
  },
  'server.files': {
    severity: 'critical',
    good: 'keys, passwords and the store are closed to other users',
    why: 'whoever reads them has every secret of every app',
  },
  'audit.seal': {
    severity: 'critical',
    good: 'the audit log is on, and its seal is good',
    why: 'a log that somebody changed does not say who did what',
  },
  'people.access': {
    severity: 'low',
    good: 'everybody with access uses it, and no token is good for ever',
    why: 'access that nobody uses is missed by nobody when somebody else uses it',
  },
} as const satisfies Record<string, Check>

const APP = {
  'secrets.weak': {
    severity: 'high',
    good: 'secrets are long, and none is a known one',
    why: 'whoever guesses a secret that signs is whom they like to be',
  },
  'secrets.plain': {
    severity: 'medium',
    good: 'no secret stands in innkeeper.yaml',
    why: 'whoever ever saw the repository has it, and it stays in the history',
  },
  'secrets.old': {
    severity: 'low',
    good: 'no secret is older than a quarter',
    why: 'a value that leaked without being noticed is good until it is changed',
  },
  'urls.password': {
    severity: 'critical',
    good: 'databases have passwords that nobody knows by heart',
    why: 'default passwords are the first that are tried',
  },
  'urls.tls': {
    severity: 'high',
    good: 'databases elsewhere are asked by TLS',
    why: 'everybody on the way reads the rows and the password, or answers in its place',
  },
  'web.https': {
    severity: 'high',
    good: 'every domain has a certificate',
    why: 'without TLS, everybody on the way reads passwords and cookies, and changes pages',
  },
  'web.hsts': {
    severity: 'medium',
    good: 'browsers are told to come by TLS alone',
    why: 'without it, the first request of each visit can be caught and kept on plain HTTP',
  },
  'web.cors': {
    severity: 'critical',
    good: 'no other site reads answers with the cookies of a visitor',
    why: 'any page that a visitor opens could act and read as that visitor',
  },
  'web.cookies': {
    severity: 'medium',
    good: 'cookies of sessions are Secure and HttpOnly',
    why: 'a script that got into a page, or a plain request, gives the session away',
  },
  'web.sign-in': {
    severity: 'medium',
    good: 'guesses at the sign-in are limited',
    why: 'without a limit, lists of leaked passwords are tried by the thousand',
  },
  'web.exposed': {
    severity: 'high',
    good: 'nothing that is for developers is answered to visitors',
    why: 'such paths are asked for on every server of the internet, every day',
  },
  'database.role': {
    severity: 'high',
    good: 'the role of the app may no more than it needs',
    why: 'one statement that gets in by the app has all rights of its role',
  },
  'database.public': {
    severity: 'medium',
    good: 'PUBLIC has no rights in the database',
    why: 'every role of the server has what PUBLIC has, also those of other apps',
  },
  'database.network': {
    severity: 'critical',
    good: 'the database is reached from this server alone',
    why: 'a database that the world reaches is attacked with every password there is',
  },
  'app.root': {
    severity: 'critical',
    good: 'its programs run as its own user, without capabilities',
    why: 'a hole in the app would be the whole server, with all other apps',
  },
  'app.files': {
    severity: 'high',
    good: 'its files are closed to other users',
    why: 'every other app and user of the machine could read what its users brought',
  },
  'packages.holes': {
    severity: 'high',
    good: 'its packages have no holes that are told of',
    why: 'what is told of is tried everywhere',
  },
} as const satisfies Record<AppCheck, Check>

export type ServerCheck = keyof typeof SERVER
export type CheckId = AppCheck | ServerCheck

export const CHECKS: Readonly<Record<CheckId, Check>> = { ...SERVER, ...APP }

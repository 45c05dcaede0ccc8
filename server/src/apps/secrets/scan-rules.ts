/** How a secret of somebody is written. The forms are those that their issuers document. */
export interface ScanRule {
  id: string
  /** What it is, for a person. */
  is: string
  /** Its first group is the secret; without one, all that it matches. Bounded, so that no line of a stranger takes long. */
  pattern: RegExp
  /** Whether the value says nothing of itself, so that it must look drawn, and not like a word or a placeholder. */
  generic?: boolean
}

/** What stands before a value that gives itself away only by its name. */
const NAMED = '(?:secret|passwd|password|token|api_?key|private_?key|access_?key|credential)s?'

/** Tried on each line. A value counts for the first rule that finds it. */
export const SCAN_RULES: readonly ScanRule[] = [
  {
    id: 'private-key',
    is: 'a private key',
    pattern: /-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY(?: BLOCK)?-----/g,
  },
  { id: 'age', is: 'a key of age', pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  { id: 'aws', is: 'an access key of AWS', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    id: 'github',
    is: 'a token of GitHub',
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{60,})\b/g,
  },
  { id: 'gitlab', is: 'a token of GitLab', pattern: /\bgl(?:pat|rt|dt|ptt)-[\w-]{20,}/g },
  { id: 'slack', is: 'a token of Slack', pattern: /\bxox[abeprs]-[\w-]{20,}/g },
  {
    id: 'slack-webhook',
    is: 'a webhook of Slack',
    pattern: /\bhooks\.slack\.com\/(?:services|workflows)\/[\w/]{40,}/g,
  },
  {
    id: 'discord',
    is: 'a webhook of Discord',
    pattern: /\bdiscord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{60,}/g,
  },
  { id: 'telegram', is: 'a token of a bot of Telegram', pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  { id: 'stripe', is: 'a live key of Stripe', pattern: /\b(?:sk|rk)_live_[A-Za-z0-9]{16,}/g },
  { id: 'stripe-webhook', is: 'a webhook secret of Stripe', pattern: /\bwhsec_[A-Za-z0-9+/]{32,}/g },
  { id: 'sendgrid', is: 'a key of SendGrid', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g },
  { id: 'mailgun', is: 'a key of Mailgun', pattern: /\bkey-[0-9a-f]{32}\b/g },
  { id: 'google', is: 'an API key of Google', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { id: 'openai', is: 'a key of OpenAI or Anthropic', pattern: /\bsk-(?:proj-|ant-|svcacct-)?[\w-]{40,}/g },
  { id: 'npm', is: 'a token of npm', pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  {
    id: 'npmrc',
    is: 'the sign-in to a registry of packages',
    pattern: /:_(?:authToken|password|auth)\s*=\s*(?!\$\{)([^\s]{8,512})/g,
    generic: true,
  },
  {
    id: 'innkeeper-kit',
    is: 'a recovery kit of Innkeeper',
    pattern: /----- BEGIN INNKEEPER RECOVERY KIT -----/g,
  },
  {
    id: 'url-password',
    is: 'a URL with a password',
    pattern:
      /\b[a-z][a-z0-9+.-]{2,20}:\/\/[^\s:@/'"`]{0,100}:([^\s@/'"`]{6,512})@(?!localhost|127\.|\[::1\]|example\.|[a-z]+[:/'"`\s])/gi,
    generic: true,
  },
  {
    id: 'named',
    is: 'a value whose name says that it is secret',
    pattern: new RegExp(
      String.raw`(?<=^|[\s"'{,.;_-])\w{0,60}${NAMED}["']?\s*(?:=|:|=>)\s*["'${'`'}]?([A-Za-z0-9+/_=.~!@#%^*-]{16,512})["'${'`'}]?\s*(?:[,;#}]|$)`,
      'gi',
    ),
    generic: true,
  },
]

/** In a file of values (`.env`) a name that says it is secret is enough, whatever the value looks like. */
export const ENV_RULE: ScanRule = {
  id: 'env-file',
  is: 'a secret in a file of values',
  pattern: new RegExp(
    String.raw`^\s*(?:export\s+)?\w{0,60}${NAMED}\w{0,60}\s*=\s*["']?((?<=")[^"]{6,512}|(?<=')[^']{6,512}|[^"'\s#]{6,512})`,
    'gi',
  ),
}

/** Values that stand for one that comes later. */
export const PLACEHOLDER =
  /example|change.?me|placeholder|dummy|your[-_.]|[-_]here$|insert|replace|redacted|sample|xxxx|\*\*\*|<[^>]+>|\$\{|\{\{|process\.env|import\.meta|secrets\.|test|fake|mock|demo|localhost|password|passwort|12345|abcdef/i

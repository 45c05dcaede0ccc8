/** What the DNS says of a domain. Each text as it is there; null: nobody answered. */
export interface SenderFacts {
  domain: string
  spf: readonly string[] | null
  dmarc: readonly string[] | null
  /** Keys that were found below the usual selectors. */
  dkim: readonly string[] | null
}

/** Selectors that mail providers use; the DNS has no list of those that are there. */
export const SELECTORS = ['default', 'mail', 's1', 's2', 'selector1', 'selector2', 'google', 'k1', 'dkim']

/** What keeps e-mail of this domain out of mailboxes, and what to write into its zone. */
export function senderFindings({ domain, spf, dmarc, dkim }: SenderFacts): string[] {
  if (spf === null || dmarc === null || dkim === null)
    return [`the DNS of ${domain} does not answer, so whether mailboxes trust it is not known`]
  return [...spfFindings(domain, spf), ...dmarcFindings(domain, dmarc), ...dkimFindings(domain, dkim)]
}

function spfFindings(domain: string, texts: readonly string[]): string[] {
  const records = texts.filter(text => /^v=spf1( |$)/i.test(text))
  if (records.length === 0)
    return [
      `${domain} has no SPF record: write a TXT record at ${domain} such as \`v=spf1 a mx include:YOUR-MAIL-PROVIDER -all\``,
    ]
  if (records.length > 1)
    return [`${domain} has ${records.length} SPF records, and mailboxes then take none: make them one`]
  return /[+]?all$/i.test(records[0]!) && !/[-~?]all$/i.test(records[0]!)
    ? [`the SPF record of ${domain} allows everybody (\`all\`): write \`-all\` at its end`]
    : []
}

function dmarcFindings(domain: string, texts: readonly string[]): string[] {
  return texts.some(text => /^v=DMARC1\s*;/i.test(text))
    ? []
    : [
        `${domain} has no DMARC record: write a TXT record at _dmarc.${domain} such as \`v=DMARC1; p=quarantine\``,
      ]
}

function dkimFindings(domain: string, keys: readonly string[]): string[] {
  if (keys.some(key => /\bp=[A-Za-z0-9+/]/.test(key))) return []
  return [
    `no DKIM key of ${domain} was found below the usual selectors: write the TXT record that your mail provider names at SELECTOR._domainkey.${domain}, if it is not there under another selector`,
  ]
}

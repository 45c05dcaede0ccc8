-- What a site takes from whom, before any app is asked.
local addresses = require 'addresses'
local answers = require 'answers'
local blocked = require 'blocked'
local certificates = require 'certificates'
local visitor = require 'visitor'

local var, within, hits = ngx.var, addresses.within, blocked.hits
-- `hop`: what the workers know of each other: a request with it was judged at a public port before.
local M = { hop = '' }

local function ranges(texts)
  return #texts > 0 and addresses.ranges(texts)
end

-- What the limits of a site count. nginx counts; it is told by a variable for each whom to count.
local function limits(counted)
  local ready = {}
  for i, one in ipairs(counted) do
    local by, name = one.by.by, one.by.name
    local source = by == 'header' and 'http_' .. name:lower():gsub('-', '_') or by == 'cookie' and 'cookie_' .. name
    ready[i] = { variable = 'edge_limit' .. i, source = source, retry = one.retrySeconds }
    ready[i].path = one.path ~= '/' and blocked.prepare { one.path }
  end
  return #ready > 0 and ready
end

-- A household has a whole /64 of IPv6, and may take another address of it for each request.
local function network(bytes)
  return #bytes == 16 and bytes:sub(1, 8) or bytes
end

local function count(counted, bytes)
  local retry = 0
  for i = 1, #counted do
    local one = counted[i]
    if not one.path or hits(one.path) then
      local value = one.source and var[one.source]
      var[one.variable] = value and value ~= '' and ngx.md5(value) or network(bytes)
      if one.retry > retry then retry = one.retry end
    end
  end
  var.edge_retry = retry
end

-- Whom a site that is closed for maintenance lets in all the same, and until when it is closed.
local function closed(raw)
  return raw and { allow = ranges(raw.allow), ends = raw['until'] / 1000, text = raw.text }
end

local NOTHING = { trusted = {}, allow = {}, deny = {}, blocked = {}, limits = {}, headers = {}, redirects = {}, pages = {} }

-- The rules of a table, ready to be asked; nil: there are none.
function M.prepare(site, raw, maintenance)
  if not raw and not maintenance then return nil end
  raw = raw or NOTHING
  local ready = { visitor = visitor.prepare(raw.trusted), allow = ranges(raw.allow), deny = ranges(raw.deny) }
  ready.blocked, ready.limits = blocked.prepare(raw.blocked), limits(raw.limits)
  ready.answers, ready.login = answers.prepare(raw), raw.login and site
  ready.closed = closed(maintenance)
  ready.redirects, ready.pages = next(raw.redirects) and raw.redirects, next(raw.pages) and raw.pages
  return (ready.closed or ready.answers or ready.login or ready.redirects or ready.pages or ready.visitor.trusted or ready.allow or ready.deny or ready.blocked or ready.limits) and ready or nil
end

-- The location for a request that is refused, or nothing; then limits count it. `bytes`: the visitor's address.
local function refused(guard, bytes)
  local other = guard.redirects and guard.redirects[var.host]
  if other then
    var.edge_to = other .. ((var.http_host or ''):match(':%d+$') or '')
    return 'moved'
  end
  if guard.deny and within(guard.deny, bytes) then return 'denied' end
  if guard.allow and not within(guard.allow, bytes) then return 'denied' end
  local shut = guard.closed
  -- It opens by itself, so that it also does when there is no keeper.
  if shut and ngx.now() < shut.ends and not (shut.allow and within(shut.allow, bytes)) then return 'closed' end
  if guard.blocked and hits(guard.blocked) then return 'nowhere' end
  if guard.limits then count(guard.limits, bytes) end
  if guard.answers and guard.answers.cors and answers.is_preflight(guard.answers.cors) then return 'preflight' end
  if guard.login then var.edge_realm = guard.login end
end

-- The location that answers instead of the app, or nothing; then the visitor's address where a proxy named it.
-- `secures`: whether plain requests for names with a certificate are sent to https.
function M.judge(guard, public, secures)
  local bytes, text, proto
  if guard and public then
    bytes, text, proto = visitor.public(guard.visitor)
    if text then var.edge_visitor = network(bytes) end
  elseif guard and var.http_x_innkeeper_hop ~= M.hop then
    bytes = visitor.own(guard.visitor)
  end
  if secures and proto ~= 'https' and certificates.secures(var.host) then return 'secure' end
  -- A program of this machine that asks for itself (a scraper of metrics, the keeper) is no visitor.
  return bytes and refused(guard, bytes) or nil, text
end

return M

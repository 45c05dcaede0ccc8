-- What happens to a request: where it is routed, which instance gets it, and what is counted.
local affinity = require 'affinity'
local answers = require 'answers'
local balancer = require 'ngx.balancer'
local base = require 'resty.core.base'
local ffi = require 'ffi'
local guard = require 'guard'
local interim = require 'interim'
local leave_with_master = require 'master'
local lending = require 'lending'
local metrics = require 'metrics'
local outcome = require 'outcome'
local tables = require 'tables'
local traffic = require 'traffic'
local vitals = require 'vitals'

local var, get_request, cast, tonumber = ngx.var, base.get_request, ffi.cast, tonumber
local of, match, shun, enter, leave = tables.of, tables.match, tables.shun, traffic.enter, traffic.leave
local any_open, lends = lending.any_open, lending.lends
local is_open, NOBODY, others_of = tables.is_open, tables.NOBODY, outcome.others_of
local set_current_peer, judge = balancer.set_current_peer, guard.judge

local PATIENCE, WAIT_STEP, STREAM_SECONDS = { hold = 30, asleep = 60 }, 0.05, 3600
-- `hop`: what only the workers know of each other, so that a request by way of a site's own port is believed.
local M = { digest = '', hop = '' }
local closing = false

-- State of each request under way, by the request's address in memory. ngx.ctx would be lost at every jump to another
-- location, and with it the count of failed attempts. The log phase, which every request reaches, removes the state.
local open, spare, spares = {}, {}, 0

local function key()
  -- A local variable instead of a tail call, which LuaJIT does not compile.
  local address = tonumber(cast('uintptr_t', get_request()))
  return address
end

local function remember(target, away, prefix)
  local state
  if spares > 0 then
    state, spares = spare[spares], spares - 1
  else
    state = { target = false, counts = false, began = false, tries = 0, at = 0, head = false, stream = false, away = false, interim = false, prefix = '', lends = false, lent = false, client = false, rules = false, own = false, page = false }
  end
  state.target, state.away, state.prefix = target, away, prefix
  state.at, state.head = ngx.now(), false
  open[key()] = state
  return state
end

local function route(known)
  if not known or known.stopped then return nil, known and known.asleep and 'asleep' or 'stopped' end
  local target, prefix = known.only, ''
  if not target then target, prefix = match(known.routes, var.uri) end
  if not target then return nil, 'nowhere' end
  local way = target.way
  -- No instance can be asked now, so the answer is a 502 page. An instance that ended is back within seconds.
  if (way == '' or way == 'watched') and not any_open(target.peers) and not any_open(target.fallback) then
    way = 'away'
  end
  return target, way, prefix
end

-- A release that sends interim answers is asked to close after each answer: nginx knows the end of the real one by that
-- alone. It takes no body after the answer to a HEAD, and so would miss it.
local function expect_interim()
  if var.edge_connection == '' then var.edge_connection = 'close' end
  if ngx.req.get_method() == 'HEAD' then var.edge_method = 'GET' end
end

-- Prepares a request for its target. Returns the location that handles it, which may be another one now.
local function begin(state, way)
  local target = state.target
  if target.warm and lends(target, way) then
    state.lends, way = true, 'lend'
  end
  if target.interim then expect_interim() end
  if target.vitals then vitals.ask_plain() end
  return way
end

-- Stands for the target of a request that waits for its app to wake.
local SLEEPER = { kind = 'asleep' }

-- The location that handles the request; '': it goes to an instance as usual. `public`: at a port that anybody reaches.
-- `secures`: names with a certificate are answered by https alone.
function M.way(site, public, secures)
  local known = of(site)
  local rules, client = known and known.guard
  if rules or secures then
    local verdict
    verdict, client = judge(rules, public, secures)
    if verdict then return verdict end
  end
  if known and known.vitals and vitals.asked(var.uri) then return 'vitals' end
  local target, way, prefix = route(known)
  if target and target.interim and (way == '' or way == 'watched') and ngx.req.http_version() == 2 then
    var.edge_hop = M.hop
    return 'hop'
  end
  if way == 'asleep' then target, prefix = SLEEPER, '' end
  if target then
    local state = remember(target, way == 'away', prefix)
    state.client, state.rules = client or false, rules and rules.answers or false
    -- What waits for an app to wake is no answer of it yet.
    state.own = way == 'asleep' or not public and metrics.asks()
    way = begin(state, way)
  end
  return way
end

-- The client's address as the app is to hear it, at a site's own port, of a request that says that it came by way of this edge.
function M.hopped()
  if var.http_x_innkeeper_hop ~= M.hop then return var.edge_forwarded_for end
  var.edge_port = var.http_x_forwarded_port
  return var.http_x_forwarded_for
end

-- Answers a browser that asks on behalf of another site.
function M.preflight(site)
  answers.preflight(of(site).guard.answers)
end

-- Lets a request wait as long as it would go to the location `held` ('hold', 'asleep'). `public`: as in `way`.
function M.wait(site, held, public)
  local patience = ngx.now() + PATIENCE[held]
  local target, way, prefix = route(of(site))
  while way == held do
    if ngx.now() > patience then return ngx.exec('@busy') end
    if held == 'asleep' then tables.want(site) end
    ngx.sleep(WAIT_STEP)
    target, way, prefix = route(of(site))
  end
  local state = open[key()]
  if target and state then
    state.target, state.prefix, state.away = target, prefix, way == 'away'
    if held == 'asleep' then
      state.own = not public and metrics.asks()
      way = begin(state, way)
    end
  end
  ngx.exec(way == '' and '@app' or '@' .. way)
end

-- The target that was chosen for the request under way, and the prefix of its route.
function M.target()
  local state = open[key()]
  if state then return state.target, state.prefix end
end

-- The next instance in turn. One that failed a connection is asked when there is no other, and one that is out of
-- rotation when all are: the last one of a service is always asked.
local function next_peer(target, peers)
  local turn, size = target.turn + 1, #peers
  local shunned, out
  for i = 0, size - 1 do
    local peer = peers[(turn + i) % size + 1]
    if is_open(peer) then
      if peer.out then
        out = out or peer
      elseif peer.shunned == 0 or peer.shunned < ngx.now() then
        -- The turn goes on from here, or the neighbour of an instance that is left out would get its share too.
        target.turn = turn + i
        return peer
      else
        shunned = shunned or peer
      end
    end
  end
  target.turn = turn
  return shunned or out or NOBODY
end

-- Whether a request is a WebSocket or an event stream. These may be silent for long; an app's timeout is for answers.
local function is_stream()
  local accept = var.http_accept
  return var.http_upgrade ~= nil or (accept ~= nil and accept:find('text/event-stream', 1, true) ~= nil)
end

local function first(state, target)
  local peer, leaving
  if target.affinity then peer, leaving = affinity.find(target, state) end
  local counts = leaving and target.leaving.counts or target.counts
  state.counts, state.began, state.at = counts, counts, ngx.now()
  enter(counts)
  local more = target.more + (state.lends and 1 or 0)
  if more > 0 then balancer.set_more_tries(more) end
  if is_stream() then
    state.stream = true
    balancer.set_timeouts(nil, nil, STREAM_SECONDS)
  end
  return peer or next_peer(target, target.peers)
end

local function again(state, target)
  local others, counts = others_of(target)
  local _, status = balancer.get_last_failure()
  if state.lends and (status == 404 or state.lent) then
    others, counts = target.warm.peers, target.warm.counts
    state.lent = state.lent or state.tries + 1
  end
  if others == target.peers and state.peer ~= NOBODY then shun(target.site, state.peer) end
  if state.counts ~= counts then
    leave(state.counts)
    state.counts = counts
    enter(counts)
  end
  return next_peer(target, others)
end

function M.balance()
  local state = open[key()]
  local target = state and state.target
  if not target or not target.peers or #target.peers == 0 then return ngx.exit(503) end
  local peer = state.tries == 0 and first(state, target) or again(state, target)
  state.tries = state.tries + 1
  state.peer = peer
  local ok, why = set_current_peer(peer.host, peer.port)
  if not ok then
    ngx.log(ngx.ERR, peer.name, ': ', why)
    return ngx.exit(502)
  end
end

function M.log()
  local id = key()
  local state = open[id]
  if not state then return end
  open[id] = nil
  metrics.settle(state)
  if state.tries > 0 then
    outcome.settle(state)
  elseif state.target.kind == 'static' then
    traffic.answered(state.target.counts, ngx.status)
  elseif state.away then
    outcome.fail(state.target.counts, 'refused')
  end
  state.counts, state.began, state.tries, state.stream = false, false, 0, false
  state.peer, state.target, state.away, state.interim = nil, false, false, false
  state.lends, state.lent, state.page = false, false, false
  spares = spares + 1
  spare[spares] = state
end

-- Tells the client which instance it belongs to. Adds `Connection: close` before a reload, and in workers that are stopping, so that clients open a new connection
-- instead of losing a request on the old one. It is added when the header is sent, so that slow answers have it too.
-- HTTP/2 has no such header, and nginx says the same there by itself.
function M.header()
  local state = open[key()]
  if state then state.head = ngx.now() end
  if interim.is(ngx.status) then
    if state and state.peer and ngx.req.http_version() == 2 then
      state.interim = interim.elsewhere()
      return tables.sends_interim(state.target)
    end
    if state and state.peer then state.interim = interim.begin(state.target.interim and not closing) or false end
    if state and state.interim then return tables.sends_interim(state.target) end
  end
  if state and state.rules then answers.add(state.rules) end
  if state and state.target.vitals then state.page = vitals.page(state) end
  if tables.affinity and state and state.peer and state.target.affinity then affinity.keep(state.target, state) end
  if closing and ngx.status ~= 101 and ngx.req.http_version() < 2 then ngx.header['Connection'] = 'close' end
end

-- Called with each piece of a body.
function M.body()
  local state = open[key()]
  if state and state.page then return vitals.filter(state) end
  if not state or not state.interim then return end
  local cookie = state.interim.head and state.target.affinity and affinity.cookie(state.target, state)
  return interim.filter(state.interim, cookie, state.rules)
end

local function tick(premature)
  if premature then
    closing = true
    return traffic.last_words()
  end
  closing = ngx.shared.tables:get(':closing') == M.digest
  traffic.flush()
end

-- Before there are workers. A reload keeps the secret, because old and new workers ask each other.
function M.begin()
  local file = io.open('/dev/urandom', 'rb')
  ngx.shared.tables:add(':hop', ngx.md5(file:read(32)))
  file:close()
  M.hop = ngx.shared.tables:get(':hop')
  guard.hop = M.hop
end

-- When a worker ends: writes its last counts, and sets its requests under way to zero.
M.bye = traffic.flush

function M.worker()
  if jit.os == 'Linux' then leave_with_master() end
  math.randomseed(ngx.worker.pid())
  ngx.timer.every(traffic.TICK, tick)
end

return M

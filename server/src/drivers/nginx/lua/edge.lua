-- What happens to a request: where it is routed, which instance gets it, and what is counted.
local affinity = require 'affinity'
local balancer = require 'ngx.balancer'
local base = require 'resty.core.base'
local ffi = require 'ffi'
local interim = require 'interim'
local tables = require 'tables'
local traffic = require 'traffic'

local var, get_request, cast, tonumber = ngx.var, base.get_request, ffi.cast, tonumber
local of, match, shun, enter, leave = tables.of, tables.match, tables.shun, traffic.enter, traffic.leave
local is_open = tables.is_open
local set_current_peer = balancer.set_current_peer

local HOLD_SECONDS, HOLD_STEP, STREAM_SECONDS = 30, 0.05, 3600
ffi.cdef [[ long write(int fd, const char *buffer, size_t size); ]]

-- `failures`: words for each kind of failure. `largest`: how long the headers of an answer may be, in bytes.
local M = { digest = '', failures = {}, largest = 0 }
local closing = false

-- State of each request under way, by the request's address in memory. ngx.ctx would be lost at every jump to another
-- location, and with it the count of failed attempts. The log phase, which every request reaches, removes the state.
local open, spare, spares = {}, {}, 0

local function any_open(peers)
  for i = 1, #peers do
    if is_open(peers[i]) then return true end
  end
  return false
end

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
    state = { target = false, counts = false, began = false, tries = 0, at = 0, stream = false, away = false, interim = false, prefix = '' }
  end
  state.target, state.away, state.prefix = target, away, prefix
  open[key()] = state
end

local function route(site)
  local known = of(site)
  if not known then return nil, 'stopped' end
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

-- The location that handles the request; '': it goes to an instance as usual.
function M.way(site)
  local target, way, prefix = route(site)
  if target then
    remember(target, way == 'away', prefix)
    if target.interim then expect_interim() end
  end
  return way
end

function M.hold(site)
  local patience = ngx.now() + HOLD_SECONDS
  local target, way = route(site)
  while way == 'hold' do
    if ngx.now() > patience then return ngx.exec('@busy') end
    ngx.sleep(HOLD_STEP)
    target, way = route(site)
  end
  local state = open[key()]
  if target and state then state.target, state.away = target, way == 'away' end
  ngx.exec(way == '' and '@app' or '@' .. way)
end

-- The target that was chosen for the request under way, and the prefix of its route.
function M.target()
  local state = open[key()]
  if state then return state.target, state.prefix end
end

-- A peer that always refuses: only root could listen on this port, and nobody does.
local NOBODY = { host = '127.0.0.1', port = 1, name = 'nobody' }

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
  if target.more > 0 then balancer.set_more_tries(target.more) end
  if is_stream() then
    state.stream = true
    balancer.set_timeouts(nil, nil, STREAM_SECONDS)
  end
  return peer or next_peer(target, target.peers)
end

-- Whom another attempt is made with, and for whom it counts.
local function others_of(target)
  if #target.fallback > 0 then return target.fallback, target.fallback_counts end
  return target.peers, target.counts
end

local function again(state, target)
  local others, counts = others_of(target)
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

-- What an attempt without an answer failed of.
local function kind_of(status, connected, bytes)
  if connected == '-' then return 'refused' end
  if status == 504 then return 'late' end
  if bytes == 0 then return 'cut' end
  return bytes >= M.largest and 'large' or 'garbled'
end

-- Counts an attempt without an answer, and says in the log why, once a second for each kind. Without the query, which may
-- hold a secret.
local function fail(counts, kind)
  traffic.failed(counts, kind)
  if not ngx.shared.traffic:add('said\1' .. counts.id .. '\1' .. kind, true, 1) then return end
  local service, release = counts.release:match('^(.*)/(.*)$')
  local path = (var.request_uri or ''):match('^[^?]*'):sub(1, 200)
  local who = '@' .. counts.site .. ' ' .. service .. ' ' .. release
  local line = who .. ' ' .. ngx.req.get_method() .. ' ' .. path .. ': ' .. M.failures[kind] .. '\n'
  ffi.C.write(2, line, #line)
end

-- Counts each attempt: a failed one counts for the release that failed, also when another release answered after it.
local function settle_each(state)
  local statuses = (var.upstream_status or ''):gmatch('[^, ]+')
  local headers = (var.upstream_header_time or ''):gmatch('[^, ]+')
  local times = (var.upstream_response_time or ''):gmatch('[^, ]+')
  local connects = (var.upstream_connect_time or ''):gmatch('[^, ]+')
  local sizes = (var.upstream_bytes_received or ''):gmatch('[^, ]+')
  local kind = ngx.header.content_type or ''
  local stream = state.stream or ngx.status == 101 or kind:find('text/event-stream', 1, true) == 1
  local target = state.target
  local _, other_counts = others_of(target)
  for n = 1, state.tries do
    local status, header, seconds = tonumber(statuses()), headers(), tonumber(times())
    local connected, bytes = connects(), tonumber(sizes()) or 0
    local counts = n > 1 and other_counts or state.began
    if header == '-' and (status == 502 or status == 504) then
      fail(counts, kind_of(status, connected, bytes))
      if n == state.tries and #target.fallback == 0 and state.peer ~= NOBODY then shun(target.site, state.peer) end
    else
      traffic.answered(counts, status or ngx.status, not stream and seconds or nil)
    end
  end
end

local function settle(state)
  leave(state.counts)
  if state.interim then return traffic.answered(state.counts, state.interim.status, state.interim.at and state.interim.at - state.at) end
  local status, seconds = ngx.status, ngx.now() - state.at
  if state.tries == 1 and status < 499 and seconds < 0.1 and not state.stream then
    return traffic.answered(state.counts, status, seconds)
  end
  settle_each(state)
end

function M.log()
  local id = key()
  local state = open[id]
  if not state then return end
  open[id] = nil
  if state.tries > 0 then
    settle(state)
  elseif state.target.kind == 'static' then
    traffic.answered(state.target.counts, ngx.status)
  elseif state.away then
    fail(state.target.counts, 'refused')
  end
  state.counts, state.began, state.tries, state.stream = false, false, 0, false
  state.peer, state.target, state.away, state.interim = nil, false, false, false
  spares = spares + 1
  spare[spares] = state
end

-- Tells the client which instance it belongs to. Adds `Connection: close` before a reload, and in workers that are stopping, so that clients open a new connection
-- instead of losing a request on the old one. It is added when the header is sent, so that slow answers have it too.
function M.header()
  if interim.is(ngx.status) then
    local state = open[key()]
    if state and state.peer then state.interim = interim.begin(state.target.interim and not closing) or false end
    if state and state.interim then return tables.sends_interim(state.target) end
  end
  if tables.affinity then
    local state = open[key()]
    if state and state.peer and state.target.affinity then affinity.keep(state.target, state) end
  end
  if closing and ngx.status ~= 101 then ngx.header['Connection'] = 'close' end
end

-- Called with each piece of a body.
function M.body()
  local state = open[key()]
  if not state or not state.interim then return end
  local cookie = state.interim.head and state.target.affinity and affinity.cookie(state.target, state)
  return interim.filter(state.interim, cookie)
end

local function tick(premature)
  if premature then
    closing = true
    return traffic.last_words()
  end
  closing = ngx.shared.tables:get(':closing') == M.digest
  traffic.flush()
end

-- Ends a worker when its master is killed: it would keep the ports, and the next nginx could not start.
local function leave_with_master()
  local PR_SET_PDEATHSIG, SIGQUIT = 1, 3
  ffi.cdef [[ int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d); ]]
  ffi.C.prctl(PR_SET_PDEATHSIG, SIGQUIT, 0, 0, 0)
end

-- When a worker ends: writes its last counts, and sets its requests under way to zero.
M.bye = traffic.flush

function M.worker()
  if jit.os == 'Linux' then leave_with_master() end
  math.randomseed(ngx.worker.pid())
  ngx.timer.every(traffic.TICK, tick)
end

return M

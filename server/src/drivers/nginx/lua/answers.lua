-- What the edge adds to answers of an app that says nothing of it: headers, and which other sites may read them (CORS).
local var = ngx.var
local M = {}

local FRAMES = 'X-Frame-Options'
local METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'

local function prepare_cors(raw)
  local cors = { origins = {}, expose = #raw.expose > 0 and table.concat(raw.expose, ', ') }
  for _, origin in ipairs(raw.origins) do cors.origins[origin] = true end
  cors.any, cors.credentials, cors.seconds = cors.origins['*'], raw.credentials, raw.maxAgeSeconds
  return cors
end

-- nil: there is nothing to add.
function M.prepare(raw)
  if #raw.headers == 0 and not raw.cors then return nil end
  return { headers = raw.headers, cors = raw.cors and prepare_cors(raw.cors) }
end

-- A policy of the app about frames takes the place of the older header.
local function frames_are_told(get)
  local policy = get('Content-Security-Policy')
  if type(policy) == 'table' then policy = table.concat(policy, ', ') end
  return policy and policy:find('frame-ancestors', 1, true)
end

-- For whom an answer may be read; nil: not for the site that asks.
local function allowed(cors)
  if cors.any then return '*' end
  local origin = var.http_origin
  return origin and cors.origins[origin] and origin
end

local function share(cors, get, set)
  if get('Access-Control-Allow-Origin') then return end
  if not cors.any then
    local vary = get('Vary')
    if type(vary) == 'table' then vary = table.concat(vary, ', ') end
    set('Vary', vary and vary .. ', Origin' or 'Origin')
  end
  local origin = allowed(cors)
  if not origin then return end
  set('Access-Control-Allow-Origin', origin)
  if cors.credentials then set('Access-Control-Allow-Credentials', 'true') end
  if cors.expose then set('Access-Control-Expose-Headers', cors.expose) end
end

local function add(rules, get, set)
  if rules.cors then share(rules.cors, get, set) end
  local headers = rules.headers
  for i = 1, #headers do
    local name = headers[i].name
    if not get(name) and not (name == FRAMES and frames_are_told(get)) then set(name, headers[i].value) end
  end
end

local function header(name)
  return ngx.header[name]
end

local function set_header(name, value)
  ngx.header[name] = value
end

-- Called when the head of an answer is sent.
function M.add(rules)
  if ngx.status ~= 101 then add(rules, header, set_header) end
end

-- The same for a head that is written here. `named`: its headers by names in small letters; `lines`: what is sent.
function M.add_lines(rules, named, lines)
  add(rules, function(name)
    return named[name:lower()]
  end, function(name, value)
    lines[#lines + 1] = name .. ': ' .. value
  end)
end

-- Whether a browser asks on behalf of another site what it may send.
function M.is_preflight(cors)
  return ngx.req.get_method() == 'OPTIONS' and var.http_access_control_request_method ~= nil and allowed(cors)
end

-- The answer to it. The headers that it names are allowed, because the app itself is the one to judge them.
function M.preflight(rules)
  add({ cors = rules.cors, headers = {} }, header, set_header)
  ngx.header['Access-Control-Allow-Methods'] = METHODS
  ngx.header['Access-Control-Allow-Headers'] = var.http_access_control_request_headers
  ngx.header['Access-Control-Max-Age'] = rules.cors.seconds
  ngx.status = 204
  ngx.send_headers()
end

return M

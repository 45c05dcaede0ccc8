-- Serves files of a release. nginx looks whether a file exists (`try_files`, which refuses links out of the folder); this
-- decides which name to look for, and what to do when there is none.
local edge = require 'edge'
local ffi = require 'ffi'

local M = {}

local CODES = 'js|mjs|css|map|json|wasm'
local HASHED = '(?:' .. CODES .. '|woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|mp4|webm|mp3|txt)'
-- Folders in which build tools put only files whose names contain a hash of the content.
local BUILT = [[^/(?:_next/static|_app/immutable)/.+\.]] .. HASHED .. '$'
-- The name ends in a hash: hexadecimal, eight characters with a digit or both cases (Vite, Rollup, esbuild), or a longer
-- one with a digit and both cases (webpack). `vendor-bootstrap5.js` must not be one: a browser would keep it for a year.
local NAMED = [[[.-](?:(?=[a-f]*\d)[a-f0-9]{8,64}]]
  .. [[|(?=[\w-]*\d|[\w-]*[a-z][\w-]*[A-Z]|[\w-]*[A-Z][\w-]*[a-z])[\w-]{8}]]
  .. [[|(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{10,64})\.]] .. HASHED .. '$'
local MEDIA = [[\.(?:woff2?|ttf|otf|eot|png|jpe?g|gif|svg|webp|avif|ico|mp4|webm|mp3)$]]

local function hashed(uri)
  return ngx.re.find(uri, NAMED, 'jo') or ngx.re.find(uri, BUILT, 'jo')
end

-- Browsers must revalidate pages and code each time (304 when unchanged): code of one release breaks a page of another,
-- and a cached service worker cannot be replaced. Images may be cached for five minutes.
local function cache_of(uri)
  if hashed(uri) then return 'public, max-age=31536000, immutable' end
  return ngx.re.find(uri, MEDIA, 'ijo') and 'public, max-age=300' or 'no-cache'
end

ffi.cdef [[
  struct edge_open_how { uint64_t flags; uint64_t mode; uint64_t resolve; };
  long syscall(long number, long at, const char *path, struct edge_open_how *how, size_t size);
  long read(int fd, void *buffer, size_t size);
  int close(int fd);
]]
-- openat2 is called directly, because no C library has it. It follows no link in the whole path: the app controls its folders.
local OPENAT2, O_NONBLOCK, O_CLOEXEC, RESOLVE_NO_SYMLINKS = 437, 0x800, 0x80000, 0x04
local how = ffi.new('struct edge_open_how', { O_NONBLOCK + O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS })
local nothing = ffi.new('char[1]')

-- Whether a file exists. Opened without waiting: a named pipe in a release would block this worker, and with it every site.
local function exists(path)
  local fd = tonumber(ffi.C.syscall(OPENAT2, -1, path, how, ffi.sizeof(how)))
  if fd < 0 then return false end
  -- A folder can be opened too. Only reading fails, and shows that it is one.
  local got = ffi.C.read(fd, nothing, 0)
  ffi.C.close(fd)
  return got == 0
end

local function give(root, uri)
  ngx.var.edge_root = root
  ngx.var.edge_file = uri
  ngx.var.edge_cache = cache_of(uri)
end

local function hidden(uri)
  return uri:find('/.', 1, true) and not uri:find('^/%.well%-known/[^.]')
end

-- First try: the path itself, in the current release.
function M.find()
  local uri, target = ngx.var.uri, edge.target()
  if not target or hidden(uri) then return ngx.exec('@nowhere') end
  give(target.roots[1], uri:sub(-1) == '/' and uri .. 'index.html' or uri)
end

-- A hashed asset in the files of an older release: a page that was loaded from that release still asks for it.
local function lent(target, uri)
  if not hashed(uri) then return nil end
  for i = 2, #target.roots do
    if exists(target.roots[i] .. uri) then return target.roots[i] end
  end
end

local function navigates(uri)
  local method = ngx.req.get_method()
  if method ~= 'GET' and method ~= 'HEAD' then return false end
  if not uri:match('[^/]*$'):find('.', 1, true) then return true end
  return (ngx.var.http_accept or ''):find('text/html', 1, true) ~= nil and not hashed(uri)
end

-- Redirects to `name/`: without the slash, relative links in the folder's page would lead elsewhere.
local function add_slash()
  local path, query = ngx.var.request_uri:match('^([^?]*)(.*)$')
  ngx.redirect(path:gsub('^/+', '/') .. '/' .. query, 301)
end

function M.missing()
  local uri, target = ngx.var.edge_file, edge.target()
  local root = target.roots[1]
  if exists(root .. uri .. '.html') then
    give(root, uri .. '.html')
    return ngx.exec('@file')
  end
  if exists(root .. uri .. '/index.html') then return add_slash() end
  local older = lent(target, uri)
  if older then
    give(older, uri)
    return ngx.exec('@file')
  end
  if target.spa and navigates(ngx.var.uri) then
    give(root, '/index.html')
    return ngx.exec('@file')
  end
  ngx.exec('@nowhere')
end

return M

-- Deliveries for wrk. $BENCH_PAYLOAD holds a payload in which "@" stands for what makes each one
-- different; $BENCH_SIGNATURES a signature of 64 digits for each number, one after the other;
-- $BENCH_FIRST is the first number to send. "junk" as an argument sends what must be refused instead.
local function read(name)
    local file = assert(io.open(os.getenv(name), "rb"))
    local text = file:read("*a")
    file:close()
    return text
end

local payload, signatures = read("BENCH_PAYLOAD"), read("BENCH_SIGNATURES")
local at = assert(payload:find("@", 1, true))
local before, after = payload:sub(1, at - 1), payload:sub(at + 1)
local next_number, count, junk = tonumber(os.getenv("BENCH_FIRST")), #signatures / 64, false
local forged = ("0"):rep(64)

function init(arguments)
    junk = arguments[1] == "junk"
end

local function post(number, signature)
    local headers = { ["Content-Type"] = "application/json", ["X-Signature"] = signature }
    return wrk.format("POST", "/webhook", headers, before .. ("%012d"):format(number) .. after)
end

-- By turns: wrongly signed (the whole body is read and hashed), not signed, another path.
local function refusable(number)
    if number % 3 == 0 then
        return post(number, forged)
    elseif number % 3 == 1 then
        return post(number, nil)
    end
    return wrk.format("GET", "/wp-login.php")
end

function request()
    local number = next_number
    next_number = next_number + 1
    if junk then
        return refusable(number)
    end
    number = number % count -- once round, deliveries are duplicates; bench/run says so
    return post(number, signatures:sub(number * 64 + 1, number * 64 + 64))
end

function done(summary, latency, _)
    local e = summary.errors
    io.write(("\nBENCH requests=%d seconds=%.6f refused=%d broken=%d p99_ms=%.3f\n"):format(
        summary.requests, summary.duration / 1e6, e.status,
        e.connect + e.read + e.write + e.timeout, latency:percentile(99) / 1000))
end

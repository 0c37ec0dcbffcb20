/** The page as it is before anything was told; page.js fills it. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
<title>ioredis-sentinel</title>
</head>
<body>
<a class="skip" href="#events">Skip to the events</a>
<header>
<div class="headline">
<h1 id="name">ioredis-sentinel</h1>
<p id="phase" class="phase" role="status">connecting …</p>
</div>
<dl id="facts" class="facts"></dl>
<p id="link" class="link" role="status"></p>
</header>
<main class="board">
<section class="at-topology" aria-labelledby="h-topology">
<h2 id="h-topology">Topology</h2>
<div id="topology"></div>
</section>
<div class="at-side">
<section id="faults-section" aria-labelledby="h-faults" hidden>
<h2 id="h-faults">Faults</h2>
<div id="faults" class="faults"></div>
<p id="hint" class="faint hint"></p>
<p id="outcome" class="outcome" role="status"></p>
<button id="heal" type="button" class="heal" hidden>Heal</button>
</section>
<section aria-labelledby="h-own">
<h2 id="h-own">This tool’s client</h2>
<dl id="own" class="numbers"></dl>
</section>
<section aria-labelledby="h-events">
<h2 id="h-events">Events</h2>
<div id="events" class="events" role="log" aria-live="off" aria-relevant="additions" aria-labelledby="h-events" tabindex="0"><ol id="event-list"></ol></div>
</section>
</div>
<section class="at-failovers" aria-labelledby="h-failovers">
<h2 id="h-failovers">Failovers</h2>
<div id="failovers"><p class="faint">None since the dashboard was started.</p></div>
</section>
<section class="at-plots" aria-labelledby="h-plots">
<h2 id="h-plots">The last two minutes</h2>
<div id="plots"></div>
</section>
<section class="at-tables">
<h2 id="h-nodes">Nodes</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="h-nodes"><table id="nodes"></table></div>
<h2 id="h-sentinels">Sentinels</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="h-sentinels"><table id="sentinels"></table></div>
</section>
</main>
<dialog id="confirm" aria-labelledby="confirm-text">
<p id="confirm-text"></p>
<div class="buttons"><button type="button" id="confirm-no">Leave it</button><button type="button" id="confirm-yes" class="danger">Do it</button></div>
</dialog>
</body>
</html>
`

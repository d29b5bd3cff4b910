// Preloaded to learn the peak of a run's memory, in KiB.
process.on('exit', () => process.stdout.write(`\npeak ${process.resourceUsage().maxRSS}\n`));

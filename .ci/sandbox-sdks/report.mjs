// A table of what passed.
export function report(walks, faults) {
    let isGood = true;
    for (const { sdk, results } of walks) {
        const failed = results.filter(result => result.failed && !faults[result.name]);
        const known = results.filter(result => result.failed && faults[result.name]);
        const fixed = results.filter(result => !result.failed && faults[result.name]);
        const passed = results.length - failed.length - known.length;
        console.log(`${sdk}: ${passed} of ${results.length} passed` + (known.length ? `, ${known.length} by faults of the SDK` : ""));
        for (const { name, failed: reason } of failed) console.log(`    failed  ${name}: ${reason}`);
        for (const { name } of known) console.log(`    fault   ${name}: ${faults[name]}`);
        for (const { name } of fixed) console.log(`    passes  ${name}, although it is listed as a fault`);
        isGood &&= failed.length === 0 && fixed.length === 0;
    }
    return isGood;
}

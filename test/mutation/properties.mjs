// Runs before the tests of a mutant: whether a property fails matters, not its smallest counterexample.
import fc from 'fast-check';

fc.configureGlobal({ endOnFailure: true });

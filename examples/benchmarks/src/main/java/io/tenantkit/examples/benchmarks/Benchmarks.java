package io.tenantkit.examples.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks with JMH's own arguments and ends with the ratios between their figures; with the
 * one argument {@code bytes}, {@link CachedKeyBytes} instead.
 */
public final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args)
      throws CommandLineOptionException, RunnerException, IOException {
    if (args.length == 1 && args[0].equals("bytes")) {
      CachedKeyBytes.main(new String[0]);
      return;
    }
    CommandLineOptions options = new CommandLineOptions(args);
    if (options.shouldHelp()
        || options.shouldList()
        || options.shouldListWithParams()
        || options.shouldListProfilers()
        || options.shouldListResultFormats()) {
      Main.main(args);
      return;
    }
    Options all = new OptionsBuilder().parent(options).addProfiler(CpuTime.class).build();
    Ratios.print(new Runner(all).run(), System.out);
  }
}

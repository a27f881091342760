package io.tenantkit.examples.benchmarks;

import java.util.Arrays;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks with JMH's own arguments and ends with the ratios between their figures; with the
 * one argument {@code bytes}, {@link CachedKeyBytes} instead, and with {@code tokens} and its
 * arguments {@link TokenServiceLoad}.
 */
public final class Benchmarks {
  private Benchmarks() {}

  public static void main(String[] args)
      throws Exception {
    if (args.length == 1 && args[0].equals("bytes")) {
      CachedKeyBytes.main(new String[0]);
      return;
    }
    if (args.length > 0 && args[0].equals("tokens")) {
      TokenServiceLoad.main(Arrays.copyOfRange(args, 1, args.length));
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

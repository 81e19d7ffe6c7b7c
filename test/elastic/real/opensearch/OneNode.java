import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/** A real OpenSearch of one node that ends with its standard input. Arguments: its folder and its HTTP port. */
public class OneNode {
  /** The constructor that takes plug-ins from the class path is for subclasses. */
  private static class Embedded extends Node {
    Embedded(Settings settings) {
      super(
          InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "weir"),
          List.of(Netty4Plugin.class),
          false);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Settings settings =
        Settings.builder()
            .put("path.home", Path.of(arguments[0]).toString())
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[1])
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("discovery.type", "single-node")
            .put("http.max_content_length", "2mb")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    Node node = new Embedded(settings).start();
    System.out.println("ready");
    while (System.in.read() != -1) {}
    node.close();
    System.exit(0);
  }
}

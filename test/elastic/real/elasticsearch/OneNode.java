import java.nio.file.Path;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;

/** A real Elasticsearch of one node that ends with its standard input. Arguments: its folder and its HTTP port. */
public class OneNode {
  public static void main(String[] arguments) throws Exception {
    LogConfigurator.configureESLogging();
    LogConfigurator.configureWithoutConfig(Settings.EMPTY);
    Settings settings =
        Settings.builder()
            .put("path.home", arguments[0])
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[1])
            .put("discovery.type", "single-node")
            .put("http.max_content_length", "2mb")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    Node node = new Node(new Environment(settings, Path.of(arguments[0], "config")));
    node.start();
    System.out.println("ready");
    while (System.in.read() != -1) {}
    node.close();
    System.exit(0);
  }
}
